import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  openGuardedShell,
  type GuardedShell,
  type ShellHost,
  type ShellTerminal,
} from '@sallyport/bastion/shell'
import { agent, policyOf } from '../decide/ask.ts'
import { ordinary } from './rig.ts'

interface RealShell {
  readonly shell: GuardedShell
  readonly ended: Promise<number>
  type(text: string): void
  /** Waits until a text was shown, counted from where the last wait ended. */
  shows(text: string): Promise<string>
}

/** Returns a shell whose commands are run by a real one, without a terminal. */
function openRealShell(terminal?: ShellTerminal): RealShell {
  const policy = policyOf(
    '{id: all, effect: allow, run: {argv: [{oneOf: [cat, echo, sleep, "false", "true"]}], rest: any}}',
    '{id: trap, effect: allow, run: {argv: [sh, -c, "trap : INT; echo ready; sleep 60 & wait; wait"]}}',
    '{id: tmp, effect: allow, run: {argv: [cd, {path: /**}]}}',
  )
  const shown = new EventEmitter()
  const { promise, resolve } = Promise.withResolvers<number>()
  let seen = ''
  const host = {
    judge: (command) => policy.decide({ ...agent, kind: 'exec', command }),
    allowsVariable: (name, value) =>
      policy.decide({ ...agent, kind: 'env', name, value }).effect === 'allow',
    programs: () => [],
    run: ({ send }, sink) => {
      const child = spawn('/bin/bash', ['--norc', '-c', send.toString('utf8')], { detached: true })
      child.stdout.on('data', (bytes: Buffer) => sink.output(1, bytes))
      child.stderr.on('data', (bytes: Buffer) => sink.output(2, bytes))
      child.on('close', (status, signal) =>
        sink.ended(
          signal === null
            ? { kind: 'status', status: status ?? 255 }
            : { kind: 'signal', name: signal.slice(3) },
        ),
      )
      child.stdin.on('error', () => {})
      const signal = (name: NodeJS.Signals): void => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name)
      }
      return {
        write: (bytes) => void child.stdin.write(bytes),
        endInput: () => void child.stdin.end(),
        accepts: () => !child.stdin.writableNeedDrain,
        signal: (name) => signal(`SIG${name}`),
        close: () => signal('SIGKILL'),
      }
    },
    write: (_stream, bytes) => {
      seen += bytes.toString('utf8')
      shown.emit('more')
    },
    accepts: () => true,
    exit: resolve,
  } satisfies ShellHost
  const shell = openGuardedShell({
    host,
    login: 'deploy',
    target: 'web-1',
    limits: { interruptTime: 200 },
    ...(terminal === undefined ? {} : { terminal }),
  })
  return {
    shell,
    ended: promise,
    type: (text) => shell.input(Buffer.from(text)),
    shows: async (text) => {
      while (!seen.includes(text)) await once(shown, 'more')
      const at = seen.indexOf(text) + text.length
      const before = seen.slice(0, at)
      seen = seen.slice(at)
      return before
    },
  }
}

describe('the guarded shell with real commands', function () {
  this.timeout(20_000)

  it('feeds a command that reads, and then reads lines again', async () => {
    const real = openRealShell(ordinary)
    await real.shows('$ ')
    real.type('cat\r')
    await real.shows('cat\r\n')
    real.type('rm one\r')
    await real.shows('rm one\r\nrm one\r\n')
    real.type('\x04')
    await real.shows('$ ')
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-shell-'))
    writeFileSync(join(folder, 'note'), 'it is here\n')
    real.type(`cd ${folder}\r`)
    real.type('cat ./note\r')
    await real.shows('\r\nit is here\r\n')
    await real.shows('$ ')
    rmSync(folder, { recursive: true })
    real.type('cat ./note\r')
    await real.shows('No such file or directory\r\n')
    await real.shows('(1) deploy@web-1:')
    real.type('exit\r')
    assert.equal(await real.ended, 1)
  })

  it('interrupts a command, and gives up one that does not listen', async () => {
    const real = openRealShell(ordinary)
    await real.shows('$ ')
    real.type('sleep 60\r')
    await real.shows('sleep 60\r\n')
    real.type('\x03')
    await real.shows('^C')
    await real.shows('(130) deploy@web-1:~$ ')
    real.type("sh -c 'trap : INT; echo ready; sleep 60 & wait; wait'\r")
    await real.shows('\r\nready\r\n')
    real.type('\x03')
    await real.shows('(130) deploy@web-1:~$ ')
    real.type('\x04')
    assert.equal(await real.ended, 130)
  })

  it('runs a script without a terminal, whose commands find their input empty', async () => {
    const real = openRealShell()
    real.type('set -e\nexport LANG=C\ncd /tmp\necho one; echo two\ncat\nfalse\necho three\n')
    real.shell.endOfInput()
    assert.equal(await real.shows('two\n'), 'one\ntwo\n')
    assert.equal(await real.ended, 1)
  })
})
