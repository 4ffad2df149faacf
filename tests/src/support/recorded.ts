import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import {
  decodeCast,
  reconstruct,
  type Cast,
  type ReconstructedStreams,
} from '@sallyport/recorder/asciicast'
import type { Bed } from './bed.ts'
import { until } from './until.ts'

/** One cast of a bed's bastion, decoded, with the bytes that it stands for. */
export interface Recorded {
  readonly file: string
  readonly recordingId: string
  readonly command: string
  readonly cast: Cast
  readonly streams: ReconstructedStreams
}

/** Reads the casts whose command contains `tag`; `strict` throws at any line that is not whole. */
export async function recorded(bed: Bed, tag: string, strict = true): Promise<Recorded[]> {
  const found: Recorded[] = []
  for (const file of await bed.casts()) {
    const bytes = await readFile(file)
    if (!bytes.includes(tag)) continue
    const cast = decodeCast(bytes, { strict })
    const command = cast.header?.command ?? ''
    if (!command.includes(tag)) continue
    const recordingId = basename(dirname(file))
    found.push({ file, recordingId, command, cast, streams: reconstruct(cast) })
  }
  return found
}

/** Reads the events of a recording, as the lines that they are, once it has ended: its client may know that before. */
export async function eventsOf({ file }: Recorded): Promise<string> {
  let text = ''
  await until(async () => {
    text = await readFile(join(dirname(file), 'events.ndjson'), 'utf8')
    return text.includes('"recording.ended"')
  })
  return text
}
