import { randomBytes } from 'node:crypto'
import { PlaceError } from '../place.ts'
import type { AccountFiles, KeysFile, Rival } from './account-files.ts'
import type { PlaceSession } from './session.ts'
import { readScript, replaceScript, rivalsScript } from './shell-script.ts'

/** More than this no account has in keys. */
const MAX_BYTES = 1 << 20
const MAX_FILES = 32
// Paths are shown to people; bytes of UTF-8 stand here as characters of their own.
const fileLine = /^file (yes|no) ([0-9]{1,9}) (\/(?:\P{Cc}|[\x80-\x9f]){0,4095})$/u

/**
 * Returns the files of an account through its POSIX shell; `paths` are those of sshd_config, where the usual ones are
 * not meant.
 */
export function shellFiles(
  session: PlaceSession,
  paths: readonly string[] | undefined,
): AccountFiles {
  return {
    async read() {
      const mark = newMark()
      const { stdout, stderr } = await runScript(session, readScript(mark, paths))
      const found = readFiles(stdout, mark)
      if (found === undefined) throw noShell(stderr)
      return found
    },
    async rivals() {
      const mark = newMark()
      const { stdout } = await runScript(session, rivalsScript(mark))
      return readRivals(stdout.toString('utf8'), mark)
    },
    async replace({ path, bytes: before }, after) {
      const mark = newMark()
      const { stdout, stderr } = await runScript(session, replaceScript(mark, path, before, after))
      const [, answer = ''] =
        new RegExp(`^${mark} (.*)$`, 'm').exec(stdout.toString('latin1')) ?? []
      if (answer === 'replaced' || answer === 'changed') return answer
      const reason = answer.startsWith('failed ') ? answer.slice(7) : 'the shell did not finish'
      const said = stderr.toString('utf8').trim().slice(0, 200)
      throw new PlaceError('unsuitable', `${path}: ${reason}${said === '' ? '' : ` (${said})`}`)
    },
  }
}

/** Returns whether a command can be run there by a POSIX shell. */
export async function hasShell(session: PlaceSession): Promise<boolean> {
  const mark = newMark()
  const { status, stdout } = await runScript(session, `echo ${mark}\n`)
  // Something there has ended it, which says nothing of what the account has.
  if (status === undefined)
    throw new PlaceError('unreachable', 'the target ended a command of ours without a word')
  return stdout.toString('latin1').includes(mark)
}

function runScript(session: PlaceSession, script: string): ReturnType<PlaceSession['run']> {
  return session.run('sh -s', Buffer.from(script, 'latin1'))
}

// What a start-up file of the account prints is not taken for an answer.
function newMark(): string {
  return `sallyport-${randomBytes(8).toString('hex')}`
}

function readFiles(output: Buffer, mark: string): readonly KeysFile[] | undefined {
  const begin = output.indexOf(`${mark}\n`)
  if (begin < 0) return undefined
  const found = new Map<string, KeysFile>()
  let at = begin + mark.length + 1
  for (;;) {
    const end = output.indexOf('\n', at)
    if (end < 0) return undefined
    const line = output.toString('latin1', at, end)
    if (line === `end ${mark}`) return [...found.values()]
    const [, writable, size = '', path = ''] = fileLine.exec(line) ?? []
    const bytes = output.subarray(end + 1, end + 1 + Number(size))
    if (path === '' || Number(size) > MAX_BYTES || output[end + 1 + Number(size)] !== 0x0a)
      return undefined
    if (found.size === MAX_FILES) return undefined
    found.set(path, { path, bytes: Buffer.from(bytes), writable: writable === 'yes' })
    at = end + 2 + Number(size)
  }
}

/** A target that says much more than there can be says nothing. */
const MAX_RIVALS = 20
const MAX_TEXT = 200

function readRivals(output: string, mark: string): readonly Rival[] {
  const [, said = ''] = output.split(`${mark}\n`)
  return said
    .split('\n')
    .slice(0, MAX_RIVALS)
    .flatMap((line) => {
      const [, kind, text = ''] = /^(program|command) (.+)$/.exec(line) ?? []
      if (kind !== 'program' && kind !== 'command') return []
      return [{ kind, text: text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_TEXT) }]
    })
}

function noShell(stderr: Buffer): PlaceError {
  const said = stderr.toString('utf8').trim().slice(0, 200)
  return new PlaceError('unsuitable', `no POSIX shell answered${said === '' ? '' : `: ${said}`}`)
}
