import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const page = 4096
const piece = 16 << 20
/** Longer than anything that is looked for, so that a find across two pieces is not missed. */
const overlap = 16 << 10

/** Yields the memory of a process that can be written and is in use: what a core dump would hold of it. */
export function* memoryOf(pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const pages = openSync(`/proc/${pid}/pagemap`, 'r')
  try {
    for (const region of writableRegions(pid)) {
      for (const { start, end } of usedRuns(pages, region)) {
        for (let at = start; at < end; at += piece - overlap) {
          const bytes = Buffer.alloc(Math.min(piece, end - at))
          yield bytes.subarray(0, readOr0(memory, bytes, at))
        }
      }
    }
  } finally {
    closeSync(memory)
    closeSync(pages)
  }
}

interface Region {
  readonly start: number
  readonly end: number
}

function writableRegions(pid: number): readonly Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (start === undefined || end === undefined) return []
      return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }]
    })
}

// https://docs.kernel.org/admin-guide/mm/pagemap.html: 64 bits for each page; 63 is present, 62 is swapped out.
function* usedRuns(pages: number, { start, end }: Region): Generator<Region> {
  const entries = Buffer.alloc(((end - start) / page) * 8)
  readSync(pages, entries, 0, entries.length, (start / page) * 8)
  let from: number | undefined
  for (let index = 0; index <= entries.length / 8; index++) {
    const used = ((entries[index * 8 + 7] ?? 0) & 0xc0) !== 0
    if (used) from ??= start + index * page
    if (used || from === undefined) continue
    yield { start: from, end: start + index * page }
    from = undefined
  }
}

function readOr0(memory: number, bytes: Buffer, at: number): number {
  try {
    return readSync(memory, bytes, 0, bytes.length, at)
  } catch {
    // Given back since the list was read, or not to be read by anybody.
    return 0
  }
}
