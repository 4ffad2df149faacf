export { chooseLogin, createTargets, parseDirectLogin, printable, type Target } from './target.ts'
