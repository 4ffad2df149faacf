import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { BastionError } from '../../errors.ts'

const execute = promisify(execFile)

/**
 * Makes an ed25519 key pair in `file` and `file.pub` when there is none. By ssh-keygen, as ssh2's own generator now and
 * then makes a public key that is a byte short. Throws ERR_BASTION_QUICKSTART when that cannot be run.
 */
export async function makeSshKey(file: string, comment: string): Promise<void> {
  if (existsSync(file)) return
  try {
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file])
  } catch (error) {
    throw new BastionError(
      'ERR_BASTION_QUICKSTART',
      'ssh-keygen could not make a key; is OpenSSH installed?',
      error,
    )
  }
}
