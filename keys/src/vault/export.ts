import type { KeyObject } from 'node:crypto'
import { KeysError } from '../errors.ts'
import { splitKeyLine } from '../publickey/line.ts'
import { ageRecipients } from './age-file.ts'
import type { AgeRecipients } from './age-file.ts'
import { formatOpensshPrivateKey } from './openssh-write.ts'
import { createScratch } from './scratch.ts'
import type { VaultEntry } from './vault.ts'

export interface ExportRequest {
  /** Recipients of age, `age1…`: each of them can open the file alone. */
  readonly recipients: readonly string[]
  /** The names of the two persons who approve of it. Who they really are is for the caller to know. */
  readonly approvedBy: readonly string[]
  /** The active version unless told. */
  readonly version?: number
}

export interface ExportedKey {
  /** An armored age file, which holds the private key in OpenSSH's format. */
  readonly file: string
  readonly entry: VaultEntry
  readonly approvedBy: readonly string[]
  readonly recipients: readonly string[]
}

export interface CheckedExport extends CheckedRecipients {
  readonly approvedBy: readonly string[]
}

export interface CheckedRecipients {
  readonly recipients: readonly string[]
  readonly age: AgeRecipients
}

/** Resolves with a request that two persons approved. Rejects with `ERR_KEYS_VAULT_EXPORT`. */
export async function checkExport(request: ExportRequest): Promise<CheckedExport> {
  const approvedBy = request.approvedBy.map(checkApprover)
  const [first = '', second = first] = approvedBy
  if (approvedBy.length !== 2 || isSamePerson(first, second)) {
    throw refused('a private key is given out when two persons approve, by two different names')
  }
  return { approvedBy, ...(await checkRecipients(request.recipients)) }
}

/** Returns the name of a person as it is written down. Throws `ERR_KEYS_VAULT_EXPORT`. */
export function checkApprover(given: string): string {
  const name = given.normalize('NFKC').trim()
  if (name === '' || name.length > 128 || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(name)) {
    throw refused('an approver is named by 1 to 128 characters on one line')
  }
  return name
}

/** Whether two names that were checked differ at most in the case of letters. */
export function isSamePerson(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Resolves with the recipients, each once, and what seals for them. Rejects with `ERR_KEYS_VAULT_EXPORT`. */
export async function checkRecipients(given: readonly string[]): Promise<CheckedRecipients> {
  const recipients = [...new Set(given)]
  if (recipients.length === 0 || recipients.length > 16) {
    throw refused('a private key is given out to 1 to 16 recipients of age')
  }
  return { recipients, age: await ageRecipients(recipients) }
}

/** Returns the key in a file for the recipients; what was in the clear is wiped. */
export async function exportKey(
  key: KeyObject,
  publicKeyLine: string,
  checked: CheckedExport,
): Promise<Omit<ExportedKey, 'entry'>> {
  const { approvedBy, recipients, age } = checked
  const scratch = createScratch()
  try {
    const comment = splitKeyLine(publicKeyLine)?.comment ?? ''
    const text = formatOpensshPrivateKey(key, comment, scratch)
    return { file: await age.encrypt(text), approvedBy, recipients }
  } finally {
    scratch.wipe()
  }
}

function refused(message: string): KeysError {
  return new KeysError('ERR_KEYS_VAULT_EXPORT', message)
}
