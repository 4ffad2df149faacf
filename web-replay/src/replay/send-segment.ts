import type { PlayerEvent, Screenful } from '@sallyport/recorder/replay'
import type { Response } from 'express'
import { sendText } from '../review/send.ts'

/** Sends a segment as its player wants it, as it comes. */
export async function sendSegment(
  response: Response,
  { cols, rows, text }: Screenful,
  events: AsyncIterable<readonly PlayerEvent[]>,
): Promise<void> {
  async function* json(): AsyncGenerator<string> {
    yield `{"snapshot":${JSON.stringify({ cols, rows, init: text })},"events":[`
    let separator = ''
    for await (const list of events) {
      for (const event of list) {
        yield separator + JSON.stringify(event)
        separator = ','
      }
    }
    yield ']}'
  }
  response.type('application/json')
  await sendText(response, json())
}
