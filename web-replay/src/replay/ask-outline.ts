import { type Outline, outlineAt } from '@sallyport/recorder/replay'
import type { Request, Response } from 'express'
import { sendProblem } from '../app/problem.ts'
import type { ReplaySource } from '../roles.ts'

/** Returns the outline that a request goes by; undefined when it was answered already, because there is none. */
export async function askOutline(
  source: ReplaySource,
  recordingId: string,
  channel: number,
  request: Request,
  response: Response,
): Promise<Outline | undefined> {
  const answer = await source.outline(recordingId, channel)
  if (answer.kind === 'none') {
    sendProblem(response, 404, 'No such session', 'No recording has this id and channel.')
    return undefined
  }
  if (answer.kind === 'preparing') {
    sendProblem(response, 409, 'Not ready', 'This recording is still being prepared.')
    return undefined
  }
  const { size } = request.query
  const outline = size === undefined ? answer.outline : outlineAt(answer.outline, Number(size))
  if (outline === undefined) {
    const detail = 'The recording has grown since this page was loaded. Load the page again.'
    sendProblem(response, 409, 'Not the same recording', detail)
    return undefined
  }
  return outline
}
