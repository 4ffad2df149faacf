import type { OpenFile } from './open-files.ts'
import { FXP } from './protocol.ts'

/** A request that went to the target, by what its answer means to us. A status answers every one. */
export type Flight =
  | { readonly kind: 'status' }
  | { readonly kind: 'name' }
  | { readonly kind: 'attributes' }
  | { readonly kind: 'extended' }
  | { readonly kind: 'limits' }
  /** Our own question for the login folder. */
  | { readonly kind: 'home' }
  | { readonly kind: 'open'; readonly file: OpenFile }
  | {
      readonly kind: 'read'
      readonly file: OpenFile
      readonly offset: bigint
      readonly length: number
    }
  | { readonly kind: 'write'; readonly file: OpenFile }
  | { readonly kind: 'close'; readonly file: OpenFile }

/** Returns the type of answer, beside a status, that a request may have. */
export function answerOf(flight: Flight): number {
  switch (flight.kind) {
    case 'status':
    case 'write':
    case 'close':
      return FXP.STATUS
    case 'name':
    case 'home':
      return FXP.NAME
    case 'attributes':
      return FXP.ATTRS
    case 'extended':
    case 'limits':
      return FXP.EXTENDED_REPLY
    case 'open':
      return FXP.HANDLE
    case 'read':
      return FXP.DATA
  }
}
