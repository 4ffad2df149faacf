import { isPermitted } from '../login/groups.ts'
import type { SignIn } from '../login/sign-ins.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'

export interface Layout {
  readonly title: string
  readonly banner?: string | undefined
  /** Whose name and sign-out button the header shows. */
  readonly viewer?: SignIn | undefined
  /** Which pages there are beside the sessions. */
  readonly places?: { readonly approvals: boolean; readonly targets: boolean }
  /** What the addresses of all files below begin with. */
  readonly base: string
  /** Names of modules and style sheets under /page/ or /vendor/. */
  readonly scripts?: readonly string[]
  readonly styles?: readonly string[]
  /** Modules that the scripts will ask for, each a round trip later unless it is named here. */
  readonly modules?: readonly string[]
  /** What the scripts will ask of the API, which can be on its way before they are. */
  readonly asks?: readonly string[]
  readonly main: Markup
}

/** Returns a whole document. No script or style is ever inline: the policy would refuse it. */
export function layout(page: Layout): string {
  const { title, banner, viewer, places, scripts = [], styles = [], modules = [], main } = page
  const { base, asks = [] } = page
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Sallyport</title>
        <link rel="icon" href="${base}/page/mark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${base}/page/colors.css" />
        <link rel="stylesheet" href="${base}/page/base.css" />
        ${styles.map((name) => html`<link rel="stylesheet" href="${base}${name}" />`)}
        ${modules.map((name) => html`<link rel="modulepreload" href="${base}${name}" />`)}
        ${asks.map((path) => html`<link rel="preload" as="fetch" crossorigin href="${path}" />`)}
        ${scripts.map((name) => html`<script type="module" src="${base}${name}"></script>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        ${banner === undefined ? undefined : html`<p class="banner" role="note">${banner}</p>`}
        <header class="bar">
          <a class="brand" href="/"
            ><img src="${base}/page/mark.svg" alt="" width="20" height="20" />Sallyport</a
          >
          ${viewer && places && placesOf(viewer, places)} ${viewer && whoIsSignedIn(viewer)}
        </header>
        <main id="main" tabindex="-1">${main}</main>
      </body>
    </html>`.text
}

function placesOf(
  { roles }: SignIn,
  { approvals, targets }: NonNullable<Layout['places']>,
): Markup | undefined {
  const links = [
    ...(approvals && isPermitted(roles, 'approvals.view')
      ? [html`<a href="/approvals">Approvals</a>`]
      : []),
    ...(targets && isPermitted(roles, 'keys.rotate') ? [html`<a href="/targets">Targets</a>`] : []),
  ]
  if (links.length === 0) return undefined
  return html`<nav class="places" aria-label="Places"><a href="/">Sessions</a> ${links}</nav>`
}

function whoIsSignedIn(viewer: SignIn): Markup {
  return html`<form class="who" method="post" action="/logout">
    <span class="who-name" title="${viewer.subject} at ${viewer.issuer}">${viewer.name}</span>
    ${viewer.roles.map((role) => html`<span class="chip">${role}</span>`)}
    <input type="hidden" name="csrfToken" value="${viewer.csrfToken}" />
    <button type="submit">Sign out</button>
  </form>`
}
