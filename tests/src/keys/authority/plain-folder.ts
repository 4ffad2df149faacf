import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthorityKeyState, AuthorityKind } from '@sallyport/keys/authority'
import { formatPublicKeyLine, publicKeyFrom } from '@sallyport/keys/publickey'

export interface WrittenKey {
  readonly kind: AuthorityKind
  readonly version: number
  readonly state: AuthorityKeyState
  readonly key: KeyObject
  readonly publicKeyLine: string
}

const listed: readonly (readonly [AuthorityKind, number, AuthorityKeyState])[] = [
  ['user', 1, 'retiring'],
  ['user', 2, 'active'],
  ['host', 1, 'active'],
  ['upstream', 1, 'retired'],
  ['upstream', 2, 'active'],
  ['upstream', 3, 'next'],
]

/**
 * Writes the authorities as they were kept before their keys were sealed: in the middle of changes, so that
 * there are keys of every state. Returns the keys that are in use.
 */
export function plainFolder(folder: string): readonly WrittenKey[] {
  const since = new Date(0).toISOString()
  const keys = listed.map(([kind, version, state]): WrittenKey => {
    const key = generateKeyPairSync('ed25519').privateKey
    const publicKeyLine = formatPublicKeyLine(publicKeyFrom(key).blob)
    return { kind, version, state, key, publicKeyLine }
  })
  const of = (wanted: AuthorityKind): readonly unknown[] =>
    keys
      .filter(({ kind }) => kind === wanted)
      .map(({ version, state, publicKeyLine }) => ({
        version,
        state,
        publicKeyLine,
        since,
        verified: [],
      }))
  const authorities = { user: of('user'), host: of('host'), upstream: of('upstream') }
  const document = { format: 'sallyport-authorities/1', authorities }
  writeFileSync(join(folder, 'authorities.json'), JSON.stringify(document), { mode: 0o600 })
  const used = keys.filter(({ state }) => state !== 'retired')
  for (const { kind, version, key } of used) {
    const name = version === 1 ? `${kind}-ca.key` : `${kind}-ca.${version}.key`
    writePlain(folder, name, kind, key)
  }
  return used
}

export function writePlain(
  folder: string,
  name: string,
  kind: AuthorityKind,
  key: KeyObject,
): void {
  writeFileSync(join(folder, name), plainText(kind, key), { mode: 0o600 })
}

/** PEM under a title line. */
export function plainText(kind: AuthorityKind, key: KeyObject): Buffer {
  const pem = key.export({ format: 'pem', type: 'pkcs8' })
  return Buffer.from(`Sallyport ${kind} authority\n${pem.toString()}`)
}
