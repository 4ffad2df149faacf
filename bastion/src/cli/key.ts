import { createKekFile, packParcel, type KeyKind, type Vault } from '@sallyport/keys/vault'
import { readFile } from 'node:fs/promises'
import { loadConfig } from '../config/load.ts'
import type { Answer } from '../control/call.ts'
import { columns, fieldsOf, rowsOf } from './control.ts'
import { askRunning, withVault, type Teller } from './running.ts'

/** Makes the file whose key seals the vault; refuses to write over one. */
export async function generateKek(file: string): Promise<void> {
  await createKekFile(file)
}

/** Prints the public half of each key, as it goes into an authorized_keys file, and how the keys are sealed. */
export async function listKeys(configFile: string, json: boolean, teller: Teller): Promise<void> {
  const config = await loadConfig(configFile)
  const answer = await askRunning({ config, method: 'GET', path: '/api/vault' }, teller)
  if (answer !== undefined) return sayKeys(fieldsOf(answer.body), json, teller)
  await withVault(config, (vault) => {
    const state = { keys: vault.list(), authorities: vault.authorityKeys.list() }
    sayKeys(state, json, teller)
  })
}

/** Prints what seals the keys, and which are due, as a running bastion tells it. */
export async function saySealing(configFile: string, teller: Teller): Promise<void> {
  const config = await loadConfig(configFile)
  const answer = await askRunning({ config, method: 'GET', path: '/api/vault' }, teller)
  if (answer !== undefined) sealingOf(fieldsOf(answer.body)).forEach((line) => teller.say(line))
}

/** Makes or imports a key and prints its public half. */
export async function addKey(
  configFile: string,
  id: string,
  from: string | KeyKind,
  teller: Teller,
): Promise<void> {
  if (typeof from === 'string') return importKey(configFile, id, from, teller)
  const config = await loadConfig(configFile)
  const call = { method: 'POST', path: '/api/vault/keys', body: { id, ...from } } as const
  const answer = await askRunning({ config, ...call }, teller)
  if (answer !== undefined) return sayAdded(answer, teller)
  await withVault(config, async (vault) => {
    await vault.generate(id, from)
    sayLast(vault, id, teller)
  })
}

async function importKey(
  configFile: string,
  id: string,
  file: string,
  teller: Teller,
): Promise<void> {
  const config = await loadConfig(configFile)
  const text = await readFile(file)
  try {
    const call = { config, method: 'POST' } as const
    const offer = await askRunning({ ...call, path: '/api/vault/imports' }, teller)
    if (offer === undefined) {
      return await withVault(config, async (vault) => {
        await vault.import(id, text)
        sayLast(vault, id, teller)
      })
    }
    const to = columns(fieldsOf(offer.body)['to'])
    const body = { id, to, parcel: packParcel(text, id, to) }
    const answer = await askRunning({ ...call, path: '/api/vault/keys/import', body }, teller)
    if (answer !== undefined) sayAdded(answer, teller)
  } finally {
    text.fill(0)
  }
}

function sayAdded({ body }: Answer, { say }: Teller): void {
  say(columns(fieldsOf(fieldsOf(body)['key'])['publicKeyLine']))
}

function sayLast(vault: Vault, id: string, { say }: Teller): void {
  const added = vault.list().find((entry) => entry.id === id)
  if (added !== undefined) say(added.publicKeyLine)
}

type Fields = Readonly<Record<string, unknown>>

function sayKeys(state: Fields, json: boolean, { say }: Teller): void {
  const { keys } = state
  if (json) return say(JSON.stringify(keys))
  for (const { id, version, publicKeyLine } of rowsOf(keys)) {
    say(`${columns(id)} v${columns(version)} ${columns(publicKeyLine)}`)
  }
  for (const line of sealingOf(state)) say(line)
}

/** One line for each KEK, with the keys that it seals, and one for each key that was given out. */
function sealingOf({ keys, authorities }: Fields): readonly string[] {
  const sealed = new Map<string, string[]>()
  const add = (kek: unknown, key: string): void => {
    const kekId = columns(kek)
    sealed.set(kekId, [...(sealed.get(kekId) ?? []), key])
  }
  for (const { id, version, kekId } of rowsOf(keys)) {
    add(kekId, `${columns(id)} v${columns(version)}`)
  }
  for (const { name, version, kekId } of rowsOf(authorities)) {
    add(kekId, `${columns(name)} authority v${columns(version)}`)
  }
  const due = rowsOf(keys)
    .filter(({ dueSince }) => dueSince !== undefined)
    .map(({ id, version, dueSince }) => {
      return `rotation due: ${columns(id)} v${columns(version)} was given out on ${columns(dueSince)}`
    })
  return [...[...sealed].map(([kek, names]) => `sealed with ${kek}: ${names.join(', ')}`), ...due]
}
