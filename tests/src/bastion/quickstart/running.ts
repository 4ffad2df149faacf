import { runQuickstart } from '@sallyport/bastion/quickstart'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, type Finished } from '../../support/run.ts'

/** What quickstart.json promises to programs. */
export interface Summary {
  readonly ssh: { readonly host: string; readonly port: number }
  readonly http: { readonly url: string }
  readonly issuer: {
    readonly url: string
    readonly tokenEndpoint: string
    readonly audience: string
  }
  readonly clients: Readonly<
    Record<'agent' | 'human', { readonly id: string; readonly secret: string }>
  >
  readonly users: Readonly<Record<'reviewer' | 'approver' | 'admin', { readonly name: string }>>
  readonly knownHosts: string
  readonly sshConfig: string
  readonly targets: readonly { readonly name: string; readonly login: string }[]
}

export interface Running {
  readonly summary: Summary
  readonly lines: readonly string[]
  ssh(...args: readonly string[]): Promise<Finished>
  /** Ends it, and returns its exit code. */
  stop(): Promise<number>
}

export async function scratchFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sallyport-quickstart-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Runs a quickstart and returns when its tour is over and it stays up. */
export async function startQuickstart(data: string): Promise<Running> {
  const stop = new AbortController()
  const lines: string[] = []
  const toured = Promise.withResolvers<void>()
  const ended = runQuickstart({
    data,
    sshPort: 0,
    httpPort: 0,
    once: false,
    signal: stop.signal,
    stdout: (text) => {
      lines.push(...text.split('\n'))
      if (text.includes('stays up until Ctrl-C')) toured.resolve()
    },
  })
  await Promise.race([toured.promise, ended])
  const summary = await readSummary(data)
  return {
    summary,
    lines,
    ssh: (...args) => run('ssh', ['-F', summary.sshConfig, ...args]),
    stop() {
      stop.abort()
      return ended
    },
  }
}

export async function readSummary(data: string): Promise<Summary> {
  return JSON.parse(await readFile(join(data, 'quickstart.json'), 'utf8')) as Summary
}
