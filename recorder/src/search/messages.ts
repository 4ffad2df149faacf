import type { SearchAnswer, SearchQuery } from '../rows/index.ts'
import type { TextLimits } from './cast-text.ts'

/** What the thread is started with. */
export interface ThreadOptions {
  readonly file: string
  readonly catalogFile: string
  readonly root: string
  readonly limits: TextLimits
}

/** What the thread is asked; each `id` is answered once. */
export type Asked =
  | { readonly kind: 'search'; readonly id: number; readonly query: SearchQuery }
  | { readonly kind: 'settle'; readonly id: number }

/** What the thread says. */
export type Said =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: SearchAnswer }
  | { readonly kind: 'settled'; readonly id: number }
  | { readonly kind: 'broken'; readonly id: number; readonly message: string }
  | { readonly kind: 'trouble'; readonly message: string }
