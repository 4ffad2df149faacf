import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { link, open, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readPrivateFile, syncFolder } from '../durable/index.ts'
import { KeysError } from '../errors.ts'

/** Who is certified: agents at the bastion, hosts to agents, or the bastion itself at its targets. */
export type AuthorityKind = 'user' | 'host' | 'upstream'

export const authorityKinds = ['user', 'host', 'upstream'] as const

/**
 * Returns the private key in the file, after making the file with a new Ed25519 key when there was
 * none. Of several processes that find none, one makes the key and all return it.
 *
 * Throws `ERR_KEYS_FILE_MODE` when the file is open to others or not ours, and
 * `ERR_KEYS_AUTHORITY_FILE` when it belongs to another kind of authority, holds no unencrypted
 * private key, or cannot be made.
 */
export async function openKeyFile(file: string, kind: AuthorityKind): Promise<KeyObject> {
  const found = await readKeyFile(file, kind)
  if (found !== undefined) return found
  await createKeyFile(file, kind)
  const made = await readKeyFile(file, kind)
  if (made === undefined) throw fileError(file, 'vanished after it was made')
  return made
}

async function readKeyFile(file: string, kind: AuthorityKind): Promise<KeyObject | undefined> {
  const bytes = await readPrivateFile(file)
  if (bytes === undefined) return undefined
  try {
    return decode(file, bytes, kind)
  } finally {
    bytes.fill(0)
  }
}

function decode(file: string, bytes: Buffer, kind: AuthorityKind): KeyObject {
  for (const other of authorityKinds.filter((one) => one !== kind)) {
    if (bytes.subarray(0, titleOf(other).length).equals(titleOf(other))) {
      throw fileError(file, `holds the ${other} authority, expected the ${kind} authority`)
    }
  }
  try {
    return createPrivateKey({ key: bytes, format: 'pem' })
  } catch (cause) {
    throw fileError(file, 'holds no unencrypted private key in PEM', cause)
  }
}

async function createKeyFile(file: string, kind: AuthorityKind): Promise<void> {
  const folder = dirname(file)
  const temporary = join(folder, `.${basename(file)}.${randomBytes(8).toString('hex')}`)
  const content = newKey(kind)
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await publish(temporary, file)
    await syncFolder(folder)
  } catch (cause) {
    throw fileError(file, 'cannot be made', cause)
  } finally {
    content.fill(0)
    await unlinkIfThere(temporary)
  }
}

/** A link, not a rename: it fails when another process was first, and then that key stands. */
async function publish(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

async function unlinkIfThere(file: string): Promise<void> {
  try {
    await unlink(file)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
}

/**
 * PEM with a title line in front, which readers of PEM skip. It is put together as bytes, since a
 * string that holds a key cannot be wiped.
 */
function newKey(kind: AuthorityKind): Buffer {
  const { privateKey } = generateKeyPairSync('ed25519')
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  const base64 = encodeBase64(der)
  der.fill(0)
  const begin = Buffer.from('-----BEGIN PRIVATE KEY-----\n')
  const end = Buffer.from('\n-----END PRIVATE KEY-----\n')
  const content = Buffer.concat([titleOf(kind), begin, base64, end])
  base64.fill(0)
  return content
}

/** Without padding or line breaks: an Ed25519 key has 48 bytes in PKCS8, which make one full line. */
function encodeBase64(bytes: Buffer): Buffer {
  const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  const encoded = Buffer.alloc((bytes.length / 3) * 4)
  for (let index = 0; index < encoded.length; index += 1) {
    const group = bytes.readUIntBE(Math.floor(index / 4) * 3, 3)
    encoded.writeUInt8(alphabet.readUInt8((group >> (18 - 6 * (index % 4))) & 63), index)
  }
  return encoded
}

function titleOf(kind: AuthorityKind): Buffer {
  return Buffer.from(`Sallyport ${kind} authority\n`)
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function fileError(file: string, why: string, cause?: unknown): KeysError {
  return new KeysError('ERR_KEYS_AUTHORITY_FILE', `authority file ${file} ${why}`, { cause })
}
