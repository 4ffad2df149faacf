import { KeysError } from '@sallyport/keys/vault'

/** What was not done, and why, for whoever asked. */
export interface Refusal {
  readonly kind: 'refused'
  readonly message: string
}

export function refused(message: string): Refusal {
  return { kind: 'refused', message }
}

/** Returns what the vault or a KEK source said against it. Throws any other error again. */
export function refusalFrom(error: unknown): Refusal {
  if (error instanceof KeysError) return refused(error.message)
  throw error
}
