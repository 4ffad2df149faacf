import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A program of these tests in a process of its own, which tells its parent what it does. */
export interface Child {
  readonly process: ChildProcess
  /** Resolves with the next message of the child. */
  next(): Promise<unknown>
  /** Ends it, if it has not ended, and waits for that. */
  kill(): Promise<void>
}

export function startChild(program: URL, ...args: readonly string[]): Child {
  const child = fork(program, args, {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
  })
  const messages: unknown[] = []
  let wake = (): void => {}
  child.on('message', (message) => {
    messages.push(message)
    wake()
  })
  const ended = once(child, 'exit').then(() => wake())
  return {
    process: child,
    async next() {
      while (messages.length === 0) {
        if (child.exitCode !== null) throw new Error(`child ended with ${child.exitCode}`)
        await new Promise<void>((resolve) => (wake = resolve))
      }
      return messages.shift()
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
