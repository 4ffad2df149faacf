import { constants } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outline } from '../outline.ts'
import { decodeOutline } from './decode-outline.ts'

/** A larger file is none of ours. */
const MOST_BYTES = 64_000_000

/** Keeps outlines that took long to make. They can be made again at any time, and prove nothing. */
export interface KeptOutlines {
  read(recordingId: string, channel: number): Promise<Outline | undefined>
  write(recordingId: string, channel: number, outline: Outline): Promise<void>
}

/** Returns the outlines kept below `root`, in a folder of their own beside the recordings. */
export function keptOutlines(root: string): KeptOutlines {
  const folder = join(root, 'outlines')
  const path = (id: string, channel: number): string => join(folder, `${id}.${channel}.json`)
  return {
    async read(recordingId, channel) {
      const file = await open(path(recordingId, channel), constants.O_NOFOLLOW).catch(
        () => undefined,
      )
      if (file === undefined) return undefined
      try {
        const { size } = await file.stat()
        return size > MOST_BYTES ? undefined : decodeOutline(await file.readFile('utf8'))
      } finally {
        await file.close()
      }
    },
    async write(recordingId, channel, outline) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const whole = path(recordingId, channel)
      const file = await open(`${whole}.new`, 'w', 0o600)
      try {
        await file.writeFile(JSON.stringify(outline))
      } finally {
        await file.close()
      }
      await rename(`${whole}.new`, whole)
    },
  }
}
