import { createParcelReceiver, type Parcel, type ParcelReceiver } from '@sallyport/keys/vault'
import { refused, type Refusal } from './refusal.ts'

/** Milliseconds from the offer to receive a private key until it must be there. */
const WAITS = 60 * 1000
const MOST = 16

/** Receives private keys, sealed on their way; each offer is for one key. */
export interface ImportDesk {
  /** Returns whom a key is to be sealed for. */
  offer(): { readonly kind: 'offered'; readonly to: string } | Refusal
  /** Returns the private key file, which the caller wipes. */
  open(to: string, id: string, parcel: Parcel): Buffer | undefined
  close(): void
}

export function createImportDesk(now: () => number): ImportDesk {
  const offers = new Map<string, { readonly receiver: ParcelReceiver; readonly end: number }>()
  const sweep = (): void => {
    for (const [to, { end }] of offers) if (now() >= end) offers.delete(to)
  }
  return {
    offer() {
      sweep()
      if (offers.size >= MOST) return refused(`${MOST} imports are under way already`)
      const receiver = createParcelReceiver()
      offers.set(receiver.to, { receiver, end: now() + WAITS })
      return { kind: 'offered', to: receiver.to }
    },
    open(to, id, parcel) {
      sweep()
      const offer = offers.get(to)
      offers.delete(to)
      return offer?.receiver.open(parcel, id)
    },
    close: () => offers.clear(),
  }
}
