import type { Outline } from '../outline.ts'

/** Bytes of a cast after which the next segment begins. */
export const PART_BYTES = 500_000

/** What a worker is to read. */
export interface OutlineJob {
  readonly root: string
  readonly recordingId: string
  readonly channel: number
  /** Bytes of the file that count. */
  readonly size: number
  /** Follows the terminal too, so that each segment begins with its screen. */
  readonly screen: boolean
}

/** What a worker says. */
export type OutlineNews =
  | { readonly kind: 'read'; readonly bytes: number }
  | { readonly kind: 'part'; readonly soFar: Outline }
  | { readonly kind: 'done'; readonly outline: Outline }
  | { readonly kind: 'gone' }
