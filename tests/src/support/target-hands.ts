import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { callControl } from '@sallyport/bastion/control'
import type { Bed } from './bed.ts'
import type { Finished } from './run.ts'
import { sallyport } from './sallyport.ts'

/** A target as the command line shows it. */
export interface Shown {
  readonly hostKeys: readonly Readonly<Record<string, string>>[]
  readonly quarantine?: { readonly expected: readonly string[]; readonly offered: string }
}

/** What a test does with the targets of a bed. */
export interface TargetHands {
  /** Runs `sallyport target`. */
  readonly target: (...args: readonly string[]) => Promise<Finished>
  /** The same, which must succeed; returns what it printed. */
  readonly done: (...args: readonly string[]) => Promise<string>
  readonly shown: (name: string) => Promise<Shown>
  /** The fingerprints of the keys in that state. */
  readonly keysOf: (name: string, state: string) => Promise<readonly string[]>
  /** Runs a command there through the bastion. */
  readonly reached: (name: string, command?: string) => Promise<Finished>
  readonly isReached: (name: string) => Promise<void>
  /** Returns what the agent was told. */
  readonly isRefused: (name: string, expected: RegExp) => Promise<string>
}

export function targetHands(bed: () => Bed): TargetHands {
  const target = (...args: readonly string[]): Promise<Finished> =>
    sallyport(bed(), 'target', ...args)

  const done = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await target(...args)
    assert.equal(status, 0, stdout + stderr)
    return stdout
  }

  const shown = async (name: string): Promise<Shown> => {
    const path = `/api/targets/${name}`
    const { status, body } = await callControl({ data: bed().data, method: 'GET', path })
    assert.equal(status, 200)
    return (body as { target: Shown }).target
  }

  const keysOf = async (name: string, state: string): Promise<readonly string[]> => {
    const { hostKeys } = await shown(name)
    return hostKeys.filter((key) => key['state'] === state).map((key) => key['fingerprint'] ?? '')
  }

  const reached = async (name: string, command = 'echo reached'): Promise<Finished> =>
    bed().sh(`ssh -F $C -J bastion ${name} '${command}' < /dev/null`)

  const isReached = async (name: string): Promise<void> => {
    const { status, stdout, stderr } = await reached(name)
    assert.equal(status, 0, stderr)
    assert.equal(stdout, 'reached\n')
  }

  const isRefused = async (name: string, expected: RegExp): Promise<string> => {
    const { status, stdout, stderr } = await reached(name)
    assert.equal(status, 255, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, expected)
    return stderr
  }

  return { target, done, shown, keysOf, reached, isReached, isRefused }
}

/** Waits for what happens behind a session's back. */
export async function soon(check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await check()) return
    await sleep(50)
  }
  assert.fail('it did not happen')
}
