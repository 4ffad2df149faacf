export { openAuthorities } from './authorities.ts'
export type { Authorities, AuthoritiesOptions } from './authorities.ts'
export { openAuthority } from './authority.ts'
export type {
  Authority,
  AuthorityOptions,
  HostCertificateRequest,
  UserCertificateRequest,
} from './authority.ts'
export { authorityKinds } from './key-file.ts'
export type { AuthorityKind } from './key-file.ts'
export { certifyLogin } from './login.ts'
export type { CertifiedLogin, LoginPermits, LoginRequest } from './login.ts'
export type { RotatingAuthority } from './rotating.ts'
export type { IssueContext, Modifier, Validator } from './rules.ts'
export { addNext, noteVerified, promote, retire, rollBack } from './succession.ts'
export type { AuthorityKey, AuthorityKeyState, Succession, Verification } from './succession.ts'
