import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

export interface CommandVector {
  readonly group: string
  readonly input: string
  /** judged: rules decide. refused: words are known but no rule may allow them. */
  readonly verdict: 'judged' | 'refused' | 'unresolved' | 'bytes'
  readonly commands?: readonly (readonly string[])[]
}

/** Returns the command vectors; their argv lists are what bash and dash run. */
export function readCommandVectors(): readonly CommandVector[] {
  const file = new URL('../../../vectors/commands.json', import.meta.url)
  const vectors: unknown = JSON.parse(readFileSync(file, 'utf8'))
  assert.ok(Array.isArray(vectors) && vectors.every(isVector))
  return vectors
}

function isVector(value: unknown): value is CommandVector {
  return typeof value === 'object' && value !== null && 'input' in value && 'verdict' in value
}
