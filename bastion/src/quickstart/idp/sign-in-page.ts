import type { IncomingMessage, ServerResponse } from 'node:http'
import { isPerson, PEOPLE } from './accounts.ts'
import { PAGE_HEADERS, pageText } from './page-text.ts'
import type { OpenIdProvider } from './provider.ts'

const PREFIX = '/sign-in/'
const MAX_FORM = 4096

/** Returns where the page for one interaction is. */
export function signInPath(uid: string): string {
  return PREFIX + uid
}

export function isSignIn(request: IncomingMessage): boolean {
  return request.url?.startsWith(PREFIX) === true
}

/** Serves the sign-in page: the name counts, any password will do. */
export async function serveSignIn(
  provider: OpenIdProvider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await provider.interactionDetails(request, response)
  } catch {
    return sendPage(response, 400, '<p role="alert">This sign-in is over. Begin again.</p>')
  }
  if (request.method !== 'POST') return sendPage(response, 200, form(''))
  const name = (await readForm(request))?.get('login')?.trim() ?? ''
  if (!isPerson(name)) return sendPage(response, 200, form('There is nobody of that name.'))
  await provider.interactionFinished(request, response, { login: { accountId: name } })
}

function form(problem: string): string {
  const names = Object.keys(PEOPLE)
    .join(', ')
    .replace(/, (\w+)$/, ' or $1')
  return `${problem === '' ? '' : `<p role="alert">${problem}</p>`}
<form method="post" autocomplete="off">
<input name="login" required autofocus placeholder="${names}" aria-label="Name">
<input name="password" type="password" required placeholder="any password" aria-label="Password">
<button type="submit">Sign in</button>
</form>`
}

function sendPage(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, PAGE_HEADERS)
  response.end(pageText('Sign in', body))
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MAX_FORM) return undefined
    chunks.push(bytes)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}
