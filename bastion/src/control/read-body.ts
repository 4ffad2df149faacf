import type { Request, Response } from 'express'
import type { z } from 'zod'

/** Returns the body of a request; undefined when it does not fit, which the caller has then been told. */
export function readBody<T>(
  schema: z.ZodType<T>,
  request: Request,
  response: Response,
): T | undefined {
  const parsed = schema.safeParse(request.body)
  if (parsed.success) return parsed.data
  refuseBody(response, parsed.error)
  return undefined
}

/** Says which fields of a body do not fit. */
export function refuseBody(response: Response, error: z.ZodError): void {
  const problems = error.issues.map(
    ({ path, message }) => `${path.join('.') || '(top)'}: ${message}`,
  )
  response.status(400).json({ error: problems.join('; ') })
}
