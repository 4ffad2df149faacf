import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkHostKey, openHostKeyStore } from '@sallyport/keys/hostkeys'
import type { HostKeyStore } from '@sallyport/keys/hostkeys'
import { fingerprint } from '@sallyport/keys/publickey'
import type { PublicKey } from '@sallyport/keys/publickey'
import { scratchFolder } from '../durable/scratch-folder.ts'

export const by = 'a test'
export const actor = { by, reason: 'because' }

export function pinned(publicKey: PublicKey, kind: 'key' | 'authority' = 'key') {
  return { kind, state: 'pinned', publicKey } as const
}

export function print({ blob }: PublicKey): string {
  return fingerprint(blob)
}

/** A store with a clock and a disk that obey the test. */
export interface StoreRig {
  now: number
  store: HostKeyStore
  configured: Map<string, readonly PublicKey[]>
  file(): string
  open(): Promise<HostKeyStore>
  reopen(): Promise<void>
  accepts(publicKey: PublicKey, name?: string): boolean
  /** Has every write fail until what it returns is called. */
  breakDisk(): Promise<() => Promise<void>>
}

/** Returns a rig whose store each test of the surrounding suite gets afresh. */
export function storeRig(): StoreRig {
  const folder = scratchFolder()
  let store: HostKeyStore | undefined
  const rig: StoreRig = {
    now: 0,
    configured: new Map(),
    get store() {
      if (store === undefined) throw new TypeError('no test runs')
      return store
    },
    set store(next) {
      store = next
    },
    file: () => join(folder(), 'hostkeys.json'),
    open: async () =>
      openHostKeyStore({ file: rig.file(), configured: rig.configured, now: () => rig.now }),
    async reopen() {
      await rig.store.close()
      rig.store = await rig.open()
    },
    accepts(publicKey, name = 'web-1') {
      const records = rig.store.records(name)
      const question = { records, hostKey: publicKey.blob, names: [name], now: rig.now / 1000 }
      return checkHostKey(question).kind === 'pinned'
    },
    async breakDisk() {
      const inTheWay = `${rig.file()}.previous.new`
      await mkdir(inTheWay)
      return async () => rmdir(inTheWay)
    },
  }
  beforeEach(async () => {
    rig.now = Date.parse('2026-01-01T00:00:00Z')
    rig.configured = new Map()
    rig.store = await rig.open()
  })
  afterEach(async () => rig.store.close())
  return rig
}
