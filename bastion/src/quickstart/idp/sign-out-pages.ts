import { PAGE_HEADERS, pageText } from './page-text.ts'

/** The part of a request to oidc-provider that is answered with a page. */
export interface Answering {
  body: string
  set(headers: Readonly<Record<string, string>>): void
}

/** Asks whether somebody wants to sign out; `form` is the provider's own, without a button. */
export function askToSignOut(context: Answering, form: string): void {
  const button = '<button type="submit" form="op.logoutForm" name="logout" value="yes">'
  send(context, `${form}\n${button}Sign out</button>`)
}

export function signedOut(context: Answering): void {
  send(context, '<p>You are signed out.</p>')
}

function send(context: Answering, body: string): void {
  context.set(PAGE_HEADERS)
  context.body = pageText('Sign out', body)
}
