import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const FLUSH = 1_000_000
const DEAD_STRETCH = 30

/** Writes a recording of `bytes` bytes as a terminal session leaves it: logs in colour, now and then a full screen. */
export function generateRecording(root: string, id: string, bytes: number): void {
  const folder = join(root, 'recordings', '2026', '03', '05', id)
  mkdirSync(folder, { recursive: true })
  const file = openSync(join(folder, '1.cast'), 'w', 0o600)
  const sallyport = { recording: id, channel: 1, kind: 'shell', pty: true }
  const header = { version: 3, term: { cols: 120, rows: 40 }, sallyport }
  let block = `${JSON.stringify(header)}\n`
  let written = 0
  try {
    for (let event = 0; written + block.length < bytes; event += 1) {
      block += `${JSON.stringify([interval(event), 'o', output(event)])}\n`
      if (block.length < FLUSH) continue
      written += writeSync(file, block)
      block = ''
    }
    writeSync(file, block)
  } finally {
    closeSync(file)
  }
}

function interval(event: number): number {
  if (event === 0) return 0
  return event % 4001 === 0 ? DEAD_STRETCH : ((event * 7919) % 20_000) / 1e6
}

function output(event: number): string {
  if (event % 997 === 0) return screenful(event)
  const lines = 1 + ((event * 31) % 9)
  return Array.from({ length: lines }, (_, line) => logLine(event * 9 + line)).join('')
}

function logLine(number: number): string {
  const colour = 31 + (number % 7)
  const order = (number * 7919) % 1_000_003
  return `\u001b[32m2026-03-05T08:${String(number % 60).padStart(2, '0')}\u001b[0m api[${number % 9973}]: \u001b[1;${colour}morder ${order}\u001b[0m accepted by service-${(number * 31) % 2000} in ${(number * 17) % 900} ms\r\n`
}

function screenful(event: number): string {
  const rows = Array.from(
    { length: 38 },
    (_, row) => `\u001b[${row + 2};1H\u001b[K${(event * 13 + row) % 99_999} worker-${row} accepted`,
  )
  return `\u001b[H\u001b[2J\u001b[7mload ${event % 100}\u001b[0m${rows.join('')}\r\n`
}
