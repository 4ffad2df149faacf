import { existsSync } from 'node:fs'
import { writeDurably } from '@sallyport/keys/durable'

/** Writes a file that belongs to whoever edits it from then on: nothing is done when it is there. */
export async function writeOnce(file: string, text: string): Promise<void> {
  if (!existsSync(file)) await writeFresh(file, text)
}

/** Writes a file that is ours and made new at each start. Mode 0600 unless told. */
export async function writeFresh(file: string, text: string, mode = 0o600): Promise<void> {
  await writeDurably(file, Buffer.from(text), { mode })
}
