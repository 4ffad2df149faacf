import { setTimeout as sleep } from 'node:timers/promises'
import { signIn, type RecordedSession, type Reviewer } from './reviewer.ts'
import { COMMANDS } from './session-steps.ts'
import { failed, passed, type Step, type Verdict } from './step.ts'

/** Milliseconds within which what was recorded must be found. */
const PATIENCE = 5000

export const replayStep: Step = {
  title: 'A reviewer finds and replays all of it',
  async run({ httpUrl, since, print }) {
    let reviewer: Reviewer
    try {
      reviewer = await signIn(httpUrl, 'reviewer')
    } catch (error) {
      return failed('a sign-in as reviewer', error instanceof Error ? error.message : String(error))
    }
    const sessions = await patiently(() => reviewer.sessions(since))
    for (const session of sessions) {
      print(`${session.identity.padEnd(6)} ${describe(session)}`)
      print(`       ${new URL(`/sessions/${session.id}`, httpUrl).href}`)
    }
    return check(reviewer, sessions)
  },
}

async function check(reviewer: Reviewer, sessions: readonly RecordedSession[]): Promise<Verdict> {
  const missing = missingIn(sessions)
  if (missing !== undefined) return failed(`a session with ${missing}`, `${sessions.length} others`)
  const shell = sessions.find(isShell)
  const cast =
    shell === undefined ? '' : await reviewer.cast(shell.id, shell.channels[0]?.channel ?? 1)
  return cast.includes('hello from deploy')
    ? passed('signed in as reviewer, found each command, and played the shell back')
    : failed(
        'the greeting in the recording of the shell',
        `a recording of ${cast.length} characters`,
      )
}

function missingIn(sessions: readonly RecordedSession[]): string | undefined {
  const texts = sessions.flatMap(({ commands }) => commands.map(({ text }) => text))
  const absent = Object.values(COMMANDS).find((command) => !texts.includes(command))
  return absent ?? (sessions.some(isShell) ? undefined : 'a shell')
}

function isShell({ channels }: RecordedSession): boolean {
  return channels.some(({ kind }) => kind === 'shell')
}

function describe(session: RecordedSession): string {
  const [command] = session.commands
  const what = isShell(session) ? 'shell' : (command?.text ?? 'nothing')
  if (command === undefined) return what
  return `${what.padEnd(34)} ${command.effect === 'deny' ? 'denied' : 'allowed'} by ${command.rule}`
}

/** A connection that has just ended may be a moment away from the catalog. */
async function patiently(
  find: () => Promise<readonly RecordedSession[]>,
): Promise<readonly RecordedSession[]> {
  const until = Date.now() + PATIENCE
  for (;;) {
    const sessions = await find()
    if (missingIn(sessions) === undefined || Date.now() > until) return sessions
    await sleep(100)
  }
}
