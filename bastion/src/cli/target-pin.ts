import { findHostKeys, knownHostName, parseKnownHosts } from '@sallyport/keys/hostkeys'
import { formatPublicKeyLine } from '@sallyport/keys/publickey'
import { readFile } from 'node:fs/promises'
import type { TargetEntry } from '../config/config.ts'
import { BastionError } from '../errors.ts'

/** What is to be pinned, as it is sent to the desk. */
export interface PinRequest {
  readonly source: 'known_hosts' | 'paste'
  readonly keys: readonly {
    readonly kind: 'key' | 'authority'
    readonly state: 'pinned' | 'revoked'
    readonly key: string
  }[]
  readonly reason: string
}

/**
 * Returns what a known_hosts file says of a target: under its address and port, and under its name, as it stands there
 * for those who reach it by HostKeyAlias. Throws when that is nothing, or when a line cannot be read that may speak of
 * it.
 */
export async function pinsOfKnownHosts(
  file: string,
  { name, address, port }: TargetEntry,
  reason: string | undefined,
): Promise<PinRequest> {
  const addresses = [
    { host: address, port },
    { host: name, port },
    { host: name, port: 22 },
  ]
  const { keys, problems } = findHostKeys(parseKnownHosts(await text(file)), addresses)
  if (problems.length > 0) {
    const lines = problems.map(({ line, message }) => `\n  line ${line}: ${message}`)
    throw failed(
      `${file} has lines about ${name}, or about who knows whom, that cannot be read:${lines.join('')}`,
    )
  }
  if (keys.length === 0) {
    const names = [...new Set(addresses.map(knownHostName))].join(', ')
    throw failed(`${file} says nothing of ${names}`)
  }
  return {
    source: 'known_hosts',
    keys: keys.map(({ kind, state, publicKey }) => {
      return { kind, state, key: formatPublicKeyLine(publicKey.blob) }
    }),
    reason: reason ?? `it stands in ${file}`,
  }
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw failed(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function failed(message: string): BastionError {
  return new BastionError('ERR_BASTION_CONTROL', message)
}
