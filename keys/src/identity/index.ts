export type { VerifiedIdToken } from './id-token.ts'
export { decodeIdentity, encodeIdentity, nameProblem } from './identity.ts'
export type { Identity } from './identity.ts'
export { assertIssuers } from './issuer.ts'
export type { IssuerConfig, KeySetSource } from './issuer.ts'
export { lintRules } from './lint.ts'
export type { RuleWarning } from './lint.ts'
export type { ClaimMatcher, ClaimValue } from './matcher.ts'
export type { Rejection, RejectionCode } from './rejection.ts'
export { createMemoryReplayStore, createReplayGuard } from './replay.ts'
export type {
  MemoryReplayStoreOptions,
  Remembered,
  ReplayGuard,
  ReplayGuardOptions,
  ReplayStore,
  TokenUse,
} from './replay.ts'
export { explainRule, resolveIdentity } from './rules.ts'
export type { ClaimExplanation, IdentityRejection, IdentityResult, IdentityRule } from './rules.ts'
export { createIdTokenVerifier } from './verify.ts'
export type { IdTokenVerifier, IdTokenVerifierOptions, VerifyResult } from './verify.ts'
