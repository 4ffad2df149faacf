export { chooseLogin, createTargets, parseDirectLogin, type Target } from './target.ts'
export { printable } from '../words.ts'
export { connectUpstream, type HostKeyTrust } from './upstream.ts'
