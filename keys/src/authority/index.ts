export { openAuthorities } from './authorities.ts'
export type { Authorities, AuthoritiesOptions } from './authorities.ts'
export { createAuthority } from './authority.ts'
export type {
  Authority,
  AuthorityOptions,
  HostCertificateRequest,
  UserCertificateRequest,
} from './authority.ts'
export { authorityKinds } from './kind.ts'
export type { AuthorityKind } from './kind.ts'
export { certifyLogin } from './login.ts'
export type { CertifiedLogin, LoginPermits, LoginRequest } from './login.ts'
export type { PlainKeyOutcome } from './plain-keys.ts'
export type { RotatingAuthority } from './rotating.ts'
export type { IssueContext, Modifier, Validator } from './rules.ts'
export { addNext, noteVerified, promote, retire, rollBack } from './succession.ts'
export type { AuthorityKey, AuthorityKeyState, Succession, Verification } from './succession.ts'
