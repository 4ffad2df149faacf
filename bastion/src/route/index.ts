export { chooseLogin, createTargets, parseDirectLogin } from './target.ts'
export type { CertificateLogin, KeyLogin, Route, Target, TargetLogin } from './target.ts'
export { connectUpstream, type HostKeyTrust, type UpstreamOptions } from './upstream.ts'
export { printable } from '../words.ts'
