import { parseObject } from '../../asciicast/decode-header.ts'
import type { Outline } from '../outline.ts'

/** Returns the outline in a file that this program wrote; undefined for one of another version, or a damaged one. */
export function decodeOutline(text: string): Outline | undefined {
  const value = parseObject(text)
  if (value?.['version'] !== 2 || typeof value['size'] !== 'number') return undefined
  if (!Array.isArray(value['segments']) || value['segments'].length === 0) return undefined
  return value as unknown as Outline
}
