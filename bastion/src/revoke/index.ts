export { reasonSchema, revokedThingSchema } from './document.ts'
export {
  nameOf,
  revocationText,
  type Revocable,
  type Revocation,
  type RevokedThing,
} from './revocation.ts'
export {
  openRevocations,
  type Added,
  type Revocations,
  type RevocationsOptions,
  type RevocationTerms,
} from './revocations.ts'
