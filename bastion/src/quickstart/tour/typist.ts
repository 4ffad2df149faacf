import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'

/** What is typed into a program that asks. */
export interface Keys {
  /** Each line is typed when this shows. */
  readonly prompt: RegExp
  readonly lines: readonly string[]
}

/** Milliseconds between keys: who replays it wants to see it typed. */
const PACE = 25

/** Returns what hears a program's output and types the next line whenever the prompt shows. */
export function createTypist(keys: Keys, write: (text: string) => void): (bytes: Buffer) => void {
  const waiting = [...keys.lines]
  let seen = ''

  async function type(line: string): Promise<void> {
    for (const key of `${line}\n`) {
      await sleep(PACE)
      write(key)
    }
  }

  return (bytes) => {
    seen += bytes.toString('latin1')
    if (!keys.prompt.test(stripVTControlCharacters(seen))) return
    seen = ''
    const line = waiting.shift()
    if (line !== undefined) void type(line)
  }
}
