import { open, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { KeysError } from '../errors.ts'
import { assertKind } from './kek.ts'
import { kekOf } from './kek-file.ts'
import type { KekSource } from './kek.ts'

export interface SystemdCredential {
  /** The name given to LoadCredential= or LoadCredentialEncrypted=. */
  readonly name: string
  /** What systemd has put into CREDENTIALS_DIRECTORY; undefined when it has not. */
  readonly directory: string | undefined
}

const longest = 128

/**
 * Returns the KEK in a credential of the systemd unit that we run in: 32 bytes, raw, hex or base64. The
 * same bytes in a file are the same KEK (see `kekFromFile`). `open` throws `ERR_KEYS_KEK_FILE` or
 * `ERR_KEYS_FILE_MODE`.
 */
export function kekFromSystemd(credential: SystemdCredential): KekSource {
  return {
    async open(parameters) {
      assertKind(parameters, 'file', 'a credential of systemd')
      const { name, directory } = credential
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(name)) {
        throw absent(`"${name}" is no name of a credential`)
      }
      if (directory === undefined || !isAbsolute(directory)) {
        throw absent(`no credential "${name}": CREDENTIALS_DIRECTORY is not set by systemd`)
      }
      assertPrivate(directory, await statOf(directory))
      const path = join(directory, name)
      return kekOf(await readCredential(path, name), path)
    },
  }
}

async function readCredential(path: string, name: string): Promise<Buffer> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw absent(`no credential "${name}" at ${path}: is LoadCredential= in the unit?`, cause)
  })
  try {
    const status = await handle.stat()
    if (!status.isFile()) throw refused(`${path} is not a plain file`)
    assertPrivate(path, status)
    if ((status.mode & 0o222) !== 0)
      throw refused(`${path} can be written, so systemd did not make it`)
    if (status.size > longest) throw absent(`${path} is not 32 bytes, raw, hex or base64`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/**
 * systemd gives the account of a unit its credentials by an access list where it can (then owner is root,
 * and the mask of the list shows as rights of the group), and by owner where it cannot.
 */
function assertPrivate(path: string, { uid, mode }: Stats): void {
  if (uid !== 0 && uid !== process.geteuid?.()) throw refused(`${path} belongs to another account`)
  if ((mode & 0o027) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(3, '0')
    throw refused(`${path} is open to others (mode ${shown}), so systemd did not make it`)
  }
}

async function statOf(path: string): Promise<Stats> {
  return stat(path).catch((cause: unknown) => {
    throw absent(`no folder of credentials at ${path}`, cause)
  })
}

function absent(message: string, cause?: unknown): KeysError {
  return new KeysError('ERR_KEYS_KEK_FILE', message, { cause })
}

function refused(message: string): KeysError {
  return new KeysError('ERR_KEYS_FILE_MODE', message)
}
