import type { Response } from 'express'

/** Sends an RFC 9457 problem document. */
export function sendProblem(
  response: Response,
  status: number,
  title: string,
  detail?: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const problem = { ...more, type: 'about:blank', title, status, detail }
  response.status(status).type('application/problem+json').send(JSON.stringify(problem))
}
