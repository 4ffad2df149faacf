import type { Catalog } from '@sallyport/recorder/catalog'
import type { CommandRow } from '@sallyport/recorder/rows'
import fc from 'fast-check'

/** A session as a test makes it up. */
export interface MadeSession {
  readonly startedAt: number
  readonly lasts: number
  readonly end: 'running' | 'ended' | 'failed' | 'interrupted'
  readonly identity: string
  readonly target: string
  readonly login: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly channels: readonly {
    readonly activity: string
    readonly exit: { readonly exitStatus?: number; readonly exitSignal?: string }
  }[]
  readonly commands: readonly Pick<CommandRow, 'effect' | 'rule' | 'judged' | 'held'>[]
}

/** Sessions that have much in common, so that filters find some and miss some. */
export function sessionArbitrary(words: readonly string[]): fc.Arbitrary<MadeSession> {
  const word = fc.constantFrom(...words)
  return fc.record({
    startedAt: fc.integer({ min: 0, max: 60 }).map((seconds) => seconds * 1000 + 7),
    lasts: fc.integer({ min: 0, max: 20_000 }),
    end: fc.constantFrom('running', 'ended', 'failed', 'interrupted'),
    identity: word,
    target: word,
    login: word,
    claims: fc.record(
      { ref: fc.oneof(word, fc.array(word, { maxLength: 2 })), n: fc.constantFrom(1, 2, true) },
      { requiredKeys: [] },
    ),
    channels: fc.array(
      fc.record({
        activity: fc.constantFrom('exec', 'shell', 'sftp', 'git'),
        exit: fc.oneof(
          fc.constant({}),
          fc.record({ exitStatus: fc.constantFrom(0, 1, 255) }),
          fc.constant({ exitSignal: 'TERM' }),
        ),
      }),
      { maxLength: 3 },
    ),
    commands: fc.array(
      fc.record({
        effect: fc.constantFrom('allow', 'deny'),
        rule: fc.oneof(
          word,
          fc.tuple(word, word).map((both) => both.join(',')),
        ),
        judged: fc.boolean(),
        held: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  })
}

/** Puts a session into the catalog as the bastion does. */
export function record(catalog: Catalog, session: MadeSession, id: string): void {
  const { startedAt, lasts, end, identity, target, login, claims } = session
  catalog.recordingStarted({
    id,
    startedAt,
    identity,
    issuer: 'https://issuer.example',
    subject: 'subject',
    login,
    target,
    clientAddress: '192.0.2.1',
    entry: '-J',
    claims,
  })
  session.channels.forEach(({ activity, exit }, index) => {
    const channel = index + 1
    const castFile = `${channel}.cast`
    const opened = { channel, kind: 'exec', activity, castFile, pty: false, startedAt }
    catalog.channelOpened(id, opened)
    if (end === 'running' || end === 'interrupted') return
    const closed = { channel, endedAt: startedAt + lasts, bytes: 1, truncated: false }
    catalog.channelClosed(id, { ...closed, ...exit })
  })
  for (const command of session.commands) {
    const asked = { channel: 1, at: startedAt, offset: 0, text: 'true', argv: [] }
    catalog.commandDecided(id, { ...asked, ...command })
  }
  if (end === 'interrupted') catalog.markInterrupted([id])
  else if (end !== 'running') {
    catalog.recordingEnded(id, { endedAt: startedAt + lasts, status: end })
  }
}
