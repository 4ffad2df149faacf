export { chooseLogin, createTargets, parseDirectLogin } from './target.ts'
export type { CertificateLogin, KeyLogin, Route, Target, TargetLogin } from './target.ts'
export { printable } from '../words.ts'
