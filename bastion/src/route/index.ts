export { chooseLogin, createTargets, parseDirectLogin, type Target } from './target.ts'
export { printable } from '../words.ts'
