import { makeOutline, type MakeOutlineOptions, type Outline } from '@sallyport/recorder/replay'

export type Line = readonly [interval: number, code: string, text: string]

/** Returns a cast as a recorder writes it. */
export function castOf(
  lines: readonly Line[],
  { pty = true, cols = 80, rows = 24 }: { pty?: boolean; cols?: number; rows?: number } = {},
): Buffer {
  const sallyport = { recording: 'recording-1', channel: 0, kind: pty ? 'shell' : 'exec', pty }
  const header = { version: 3, term: { cols, rows }, sallyport }
  return Buffer.from([header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''))
}

export async function* chunksOf(bytes: Buffer, size = 64): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function outlineOf(
  cast: Buffer,
  options: Partial<MakeOutlineOptions> = {},
): Promise<Outline> {
  return makeOutline(chunksOf(cast), { size: cast.length, ...options })
}

export async function all<Item>(lists: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const list of lists) items.push(...list)
  return items
}
