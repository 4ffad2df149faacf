import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

const BLOCK = 64 * 1024

/**
 * Sends text as it comes, holding back when the browser is slow. The first block is read before
 * anything is sent, so that a recording that cannot be read at all is an error and not an empty body.
 */
export async function sendText(response: Response, text: AsyncIterable<string>): Promise<void> {
  const blocks = inBlocks(text)
  const first = await blocks.next()
  async function* all(): AsyncGenerator<string> {
    try {
      if (first.done !== true) yield first.value
      yield* blocks
    } finally {
      await blocks.return(undefined)
    }
  }
  await sendStream(response, Readable.from(all()))
}

/**
 * Sends `bytes` and destroys them at the end; a reviewer who closes the page is no error. Waits for
 * the first of them, as a failing pipeline would end the response without an answer.
 */
export async function sendStream(response: Response, bytes: Readable): Promise<void> {
  try {
    await once(bytes, 'readable')
    await pipeline(bytes, response)
  } catch (error) {
    const hasLeft = error instanceof Error && 'code' in error && isClose(error.code)
    if (!(hasLeft && response.destroyed)) throw error
  }
}

/** Lines are short, and each write costs a chunk on the wire. */
async function* inBlocks(text: AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let block = ''
  for await (const piece of text) {
    block += piece
    if (block.length < BLOCK) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
  return undefined
}

function isClose(code: unknown): boolean {
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE'
}
