import { existsSync } from 'node:fs'
import { newSshKey } from '../ssh-server.ts'
import { writeFresh } from './write-once.ts'

/** Makes a key pair in `file` and `file.pub` when there is none. */
export async function makeSshKey(file: string, comment: string): Promise<void> {
  if (existsSync(file)) return
  const { privateKey, publicLine } = newSshKey(comment)
  await writeFresh(`${file}.pub`, `${publicLine}\n`, 0o644)
  await writeFresh(file, privateKey)
}
