import type { PathStep } from './source.ts'

/** Something to say about a rule, and where in it. */
export interface Complaint {
  readonly path: readonly PathStep[]
  readonly message: string
}
