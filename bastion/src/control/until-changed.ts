import type { Request, Response } from 'express'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rotations } from '../rotate/index.ts'

/** Milliseconds that a question waits for an answer at most. */
const LONGEST = 20_000
/** Milliseconds in which several changes become one answer. */
const PAUSE = 150

/**
 * Waits, where the query has `since` with the revision that the caller knows already, until there is another one, or for
 * some seconds, unless nothing more changes.
 */
export async function untilChanged(
  changes: Rotations['changes'],
  request: Request,
  response: Response,
  isOver: () => boolean,
): Promise<void> {
  const since = request.query['since']
  if (since !== String(changes.revision) || isOver()) return
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  response.once('close', leave)
  await changes.after(
    changes.revision,
    AbortSignal.any([gone.signal, AbortSignal.timeout(LONGEST)]),
  )
  if (!gone.signal.aborted && !isOver()) await sleep(PAUSE)
  response.off('close', leave)
}
