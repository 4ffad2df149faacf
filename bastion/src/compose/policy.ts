import { readFile } from 'node:fs/promises'
import type { Audit } from '../audit/audit.ts'
import type { Reloaded } from '../control/index.ts'
import { parsePolicy, type Policy, type PolicyProblem } from '../decide/index.ts'
import { BastionError } from '../errors.ts'
import { watchFile } from './watch-file.ts'

/** The policy that is in force, which may be another one at each question. */
export interface PolicyInForce {
  current(): Policy
  /** Reads the file again; `by` is who wants it. A file with any problem changes nothing. */
  reload(by: string): Promise<Reloaded>
  close(): void
}

export interface PolicyOptions {
  readonly file: string
  readonly audit: Audit
  /** Called when another policy has come into force. */
  readonly onLoaded: () => void
}

const WATCHER = 'change of the file'

/** Reads the policy, and reads it again when its file changes. Throws ERR_BASTION_CONFIG for one that is not valid. */
export async function openPolicy(options: PolicyOptions): Promise<PolicyInForce> {
  const { file, audit } = options
  const first = parsePolicy(await readFile(file, 'utf8'), { file })
  if (first.kind === 'invalid') {
    const problems = first.problems.map(wordsOf).join('\n  ')
    throw new BastionError('ERR_BASTION_CONFIG', `${file} is not valid:\n  ${problems}`)
  }
  let policy = first.policy
  let refused = ''
  let last: Promise<unknown> = Promise.resolve()

  const refuse = (problems: readonly PolicyProblem[], by: string): Reloaded => {
    const { revision } = policy
    const words = problems.map(wordsOf)
    // One change may be noticed several times; whoever asks for it by hand is always answered.
    const known = by === WATCHER && refused === words.join('\n')
    if (!known) audit.write('policy.refused', { by, file, problems: words, revision })
    refused = words.join('\n')
    return { kind: 'refused', revision, problems }
  }
  const load = async (by: string): Promise<Reloaded> => {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`
      return refuse([{ line: 1, column: 1, path: '(file)', message }], by)
    }
    const parsed = parsePolicy(text, { file })
    if (parsed.kind === 'invalid') return refuse(parsed.problems, by)
    refused = ''
    const { revision: previous } = policy
    const { revision } = parsed.policy
    if (revision === previous) {
      if (by !== WATCHER) audit.write('policy.unchanged', { by, revision })
      return { kind: 'unchanged', revision }
    }
    policy = parsed.policy
    audit.write('policy.loaded', { by, revision, previous })
    options.onLoaded()
    return { kind: 'loaded', revision, previous }
  }
  const reload = (by: string): Promise<Reloaded> => {
    const run = last.then(() => load(by))
    last = run.catch(() => {})
    return run
  }
  const failed = (error: unknown): void => audit.write('policy.not-watched', { file, error })
  const watching = watchFile({
    file,
    onChange: () => void reload(WATCHER).catch(failed),
    onFailure: failed,
  })
  // It may have changed between the first reading and the first look at its folder.
  await reload(WATCHER)

  return { current: () => policy, reload, close: () => watching.close() }
}

function wordsOf({ line, column, path, message }: PolicyProblem): string {
  return `line ${line}, column ${column}: ${path}: ${message}`
}
