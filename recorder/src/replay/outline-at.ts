import type { Outline } from './outline.ts'

/**
 * Returns the outline as it was when `size` bytes were gone through, so that whoever began with it can go on; undefined
 * when no segment ends there.
 */
export function outlineAt(outline: Outline, size: number): Outline | undefined {
  if (size === outline.size) return outline
  const next = outline.segments.findIndex(({ from }) => from === size)
  if (next < 1) return undefined
  const segments = outline.segments.slice(0, next)
  const duration = (segments.at(-1)?.end ?? 0) / 1e6
  const gaps = outline.gaps.filter(([start]) => start < duration)
  return { ...outline, size, isPartial: true, duration, gaps, segments }
}
