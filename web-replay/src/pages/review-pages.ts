import type { Response } from 'express'
import type { Assets } from '../app/assets.ts'
import type { Person, SignIn } from '../login/sign-ins.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import { layout } from './layout.ts'

const REPLAY_MODULES = [
  'access-panel',
  'api',
  'channel-view',
  'chapters',
  'dom',
  'end-session',
  'events-panel',
  'facts',
  'files-panel',
  'following',
  'format',
  'moment',
  'outcome',
  'outline',
  'picks',
  'player',
  'shortcuts',
  'strip',
  'table',
  'tabs',
  'timeline',
  'transcript',
].map((name) => `/page/${name}.js`)

const COMPARE_MODULES = [
  'api',
  'chapters',
  'common-clock',
  'compare-side',
  'differences',
  'dom',
  'format',
  'outcome',
  'outline',
  'player',
  'shortcuts',
  'strip',
  'timeline',
].map((name) => `/page/${name}.js`)

const PLAYER_STYLE = '/vendor/asciinema-player/asciinema-player.css'

/** Every page of the app. Each method ends the response. */
export interface ReviewPages {
  list(response: Response, viewer: SignIn): void
  /** `asks` are the addresses that its script is going to ask for. */
  replay(response: Response, viewer: SignIn, recordingId: string, asks: readonly string[]): void
  compare(response: Response, viewer: SignIn, asks: readonly string[]): void
  approvals(response: Response, viewer: SignIn): void
  targets(response: Response, viewer: SignIn): void
  /** 403: authenticated, but in none of the groups that have a role. No sign-in exists. */
  noAccess(response: Response, person: Person): void
  /** 403: signed in, but this page needs another role. */
  notPermitted(response: Response, viewer: SignIn): void
  /** `endSession` is where somebody ends their session with the identity provider too. */
  signedOut(response: Response, endSession: URL | undefined): void
  /** 400: a sign-in that did not come to its end. */
  signInFailed(response: Response, reason: string): void
  /** The status is 429. */
  tooMany(response: Response, seconds: number): void
  notFound(response: Response, viewer: SignIn | undefined): void
  /** 5xx, or 400 for a request that cannot be read. */
  failed(response: Response, status: number, sentence: string): void
}

export interface ReviewPagesOptions {
  /** Shown at the top of each. */
  readonly banner: string | undefined
  readonly places: { readonly approvals: boolean; readonly targets: boolean }
  readonly assets: Pick<Assets, 'base' | 'player'>
}

/** Returns the pages. */
export function createReviewPages({ banner, places, assets }: ReviewPagesOptions): ReviewPages {
  const common = { banner, places, base: assets.base }

  function message(
    response: Response,
    status: number,
    page: { readonly title: string; readonly viewer?: SignIn | undefined; readonly body: Markup },
  ): void {
    const main = html`<div class="message">
      <h1>${page.title}</h1>
      ${page.body}
    </div>`
    send(response, status, layout({ ...common, title: page.title, viewer: page.viewer, main }))
  }

  return {
    list(response, viewer) {
      const main = html`<div class="page">
        <div class="heading">
          <h1>Sessions</h1>
          <p id="count" class="quiet" role="status"></p>
        </div>
        <div id="find"></div>
        <div id="sessions"><p class="quiet">Loading…</p></div>
        ${noScript()}
      </div>`
      const styles = ['/page/list.css', '/page/find.css']
      const scripts = ['/page/list.js']
      send(response, 200, layout({ ...common, title: 'Sessions', viewer, styles, scripts, main }))
    },
    replay(response, viewer, recordingId, asks) {
      const main = html`<div class="page">
        <nav class="crumbs" aria-label="Breadcrumb">
          <a href="/">Sessions</a> <span aria-hidden="true">/</span>
          <code>${recordingId}</code>
        </nav>
        <div id="replay"><p class="quiet">Loading…</p></div>
        ${noScript()}
      </div>`
      const styles = [PLAYER_STYLE, '/page/replay.css']
      const scripts = ['/page/replay.js']
      const modules = [...REPLAY_MODULES, ...assets.player]
      const page = { title: recordingId, viewer, styles, scripts, modules, asks, main }
      send(response, 200, layout({ ...common, ...page }))
    },
    compare(response, viewer, asks) {
      const main = html`<div class="page">
        <nav class="crumbs" aria-label="Breadcrumb">
          <a href="/">Sessions</a> <span aria-hidden="true">/</span> Compare
        </nav>
        <h1 class="unseen">Two sessions side by side</h1>
        <div id="compare"><p class="quiet">Loading…</p></div>
        ${noScript()}
      </div>`
      const styles = [PLAYER_STYLE, '/page/replay.css', '/page/compare.css']
      const modules = [...COMPARE_MODULES, ...assets.player]
      const page = { title: 'Compare', viewer, styles, scripts: ['/page/compare.js'], main }
      send(response, 200, layout({ ...common, ...page, modules, asks }))
    },
    approvals(response, viewer) {
      const main = html`<div class="page">
        <div class="heading">
          <h1>Approvals</h1>
          <p id="count" class="quiet" role="status"></p>
          <p id="live" class="quiet"></p>
        </div>
        <div id="trouble"></div>
        <div id="held"><p class="quiet">Loading…</p></div>
        <div id="grants"></div>
        ${noScript()}
      </div>`
      const styles = ['/page/approvals.css']
      const scripts = ['/page/approvals.js']
      send(response, 200, layout({ ...common, title: 'Approvals', viewer, styles, scripts, main }))
    },
    targets(response, viewer) {
      const main = html`<div class="page">
        <div class="heading">
          <h1>Targets</h1>
          <p id="count" class="quiet" role="status"></p>
          <p id="live" class="quiet"></p>
        </div>
        <div id="freeze"></div>
        <div id="trouble"></div>
        <div id="targets"><p class="quiet">Loading…</p></div>
        ${noScript()}
      </div>`
      const styles = ['/page/targets.css']
      const scripts = ['/page/targets.js']
      send(response, 200, layout({ ...common, title: 'Targets', viewer, styles, scripts, main }))
    },
    noAccess(response, person) {
      message(response, 403, { title: 'No access', body: noAccessBody(person) })
    },
    notPermitted(response, viewer) {
      const body = html`<p>
        You are signed in as <strong>${viewer.name}</strong> (${viewer.roles.join(', ')}), and this
        page needs another role. Ask an administrator of Sallyport.
      </p>`
      message(response, 403, { title: 'Not permitted', viewer, body })
    },
    signedOut(response, endSession) {
      const everywhere =
        endSession &&
        html`<p>
          The identity provider still knows you.
          <a href="${endSession.href}">Sign out there too</a>
        </p>`
      const body = html`<p>You are signed out of Sallyport.</p>
        ${everywhere}
        <p><a class="button" href="/login?prompt=login">Sign in again</a></p>`
      message(response, 200, { title: 'Signed out', body })
    },
    signInFailed(response, reason) {
      const body = html`<p>${reason}</p>
        <p><a class="button" href="/login">Start again</a></p>`
      message(response, 400, { title: 'Sign-in did not complete', body })
    },
    tooMany(response, seconds) {
      const body = html`<p>
        Too many sign-ins were begun and not finished. Try again in ${counted(seconds)}.
      </p>`
      message(response, 429, { title: 'Too many sign-ins', body })
    },
    notFound(response, viewer) {
      const body = html`<p>There is no such page.</p>
        <p><a class="button" href="/">All sessions</a></p>`
      message(response, 404, { title: 'Not found', viewer, body })
    },
    failed(response, status, sentence) {
      message(response, status, { title: 'Something went wrong', body: html`<p>${sentence}</p>` })
    },
  }
}

function counted(seconds: number): string {
  return seconds === 1 ? 'a second' : `${seconds} seconds`
}

function noAccessBody(person: Person): Markup {
  return html`<p>
      You signed in, but none of your groups has a role in Sallyport, so there is nothing here for
      you to see. Ask an administrator to add one of your groups.
    </p>
    <dl class="facts">
      <div>
        <dt>Signed in as</dt>
        <dd>${person.name}</dd>
      </div>
      <div>
        <dt>Subject</dt>
        <dd><code>${person.subject}</code></dd>
      </div>
      <div>
        <dt>Issuer</dt>
        <dd><code>${person.issuer}</code></dd>
      </div>
    </dl>
    <p><a class="button" href="/login?prompt=login">Sign in as someone else</a></p>`
}

function noScript(): Markup {
  return html`<noscript
    ><p>This page needs JavaScript: recordings are replayed in the browser.</p></noscript
  >`
}

function send(response: Response, status: number, document: string): void {
  response.status(status).type('html').send(document)
}
