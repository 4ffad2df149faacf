import { getJson } from './api.js'

/** @import { Outline } from './replay-types' */

/** Milliseconds between looks at whether it is there. */
const LOOK_AGAIN = 500

/**
 * Yields what is known of a channel before any of its output. Of a large recording that nobody has gone through yet the
 * beginning comes first, and all of it at last; `onProgress` hears how far that is.
 *
 * @param {string} base address of the channel in the API
 * @param {(done: number) => void} onProgress
 * @returns {AsyncGenerator<Outline, void, undefined>}
 */
export async function* outlines(base, onProgress) {
  for (;;) {
    const answer = /** @type {Outline | { preparing: number }} */ (await getJson(`${base}/outline`))
    if ('size' in answer) yield answer
    if (answer.preparing === undefined) return
    onProgress(answer.preparing)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
  }
}
