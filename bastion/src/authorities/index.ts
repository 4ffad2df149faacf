export { answerAuthorityCall } from './control-routes.ts'
export { createAuthoritySteering } from './steer.ts'
export type {
  AuthorityChange,
  AuthoritySteering,
  AuthoritySteeringOptions,
  AuthorityTerms,
} from './steer.ts'
