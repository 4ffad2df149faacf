import { getJson } from './api.js'

/** @import { Outline } from './replay-types' */

/** Milliseconds between looks at whether it is there. */
const LOOK_AGAIN = 500

/**
 * Returns what is known of a channel before any of its output. A large recording that nobody has gone through yet is
 * gone through first; `onProgress` hears how far that is.
 *
 * @param {string} base address of the channel in the API
 * @param {(done: number) => void} onProgress
 * @returns {Promise<Outline>}
 */
export async function loadOutline(base, onProgress) {
  for (;;) {
    const answer = /** @type {Outline | { preparing: number }} */ (await getJson(`${base}/outline`))
    if (!('preparing' in answer)) return answer
    onProgress(answer.preparing)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
  }
}
