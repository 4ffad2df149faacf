export interface JSONRequest {
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds for the whole exchange, body included. */
  readonly timeout: number
  readonly maxBytes: number
}

/**
 * Returns the JSON at `address`. Redirects are not followed, other statuses than 200 are refused,
 * and reading stops at the cap. Throws an Error whose message says what went wrong, without the body.
 */
export async function fetchJSON(address: string, request: JSONRequest): Promise<unknown> {
  const response = await request.fetch(address, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(request.timeout),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${address} answered with status ${response.status}`)
  }
  const body = await readBody(response, request.maxBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new Error(`${address} did not answer with JSON`)
  }
}

async function readBody(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop by an exception cancels the body, and with it the connection.
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > maxBytes) throw new Error(`answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
