export { openAuthority } from './authority.ts'
export type {
  Authority,
  AuthorityOptions,
  HostCertificateRequest,
  UserCertificateRequest,
} from './authority.ts'
export type { AuthorityKind } from './key-file.ts'
export type { IssueContext, Modifier, Validator } from './rules.ts'
