import { startChild, type ChildOptions } from './child-program.ts'
import type { Program, ProgramOutput } from './program.ts'

const NOTICE = Buffer.from('no terminal here, since node-pty is not built; type whole lines\r\n')
const LINE_FEED = 0x0a
const RETURN = 0x0d

/**
 * Starts a program on pipes for a client that asked for a terminal. To refuse the request would end stock ssh, so it is
 * told on standard error, and what little can be done without a terminal is done: echo, and ends of lines.
 */
export function startWithoutTerminal(options: ChildOptions): Program {
  const { output } = options
  const told: ProgramOutput = {
    ...output,
    stdout: (bytes) => output.stdout(withReturns(bytes)),
    stderr: (bytes) => output.stderr(withReturns(bytes)),
  }
  void output.stderr(NOTICE)
  const program = startChild({ ...options, output: told })
  return {
    ...program,
    input(bytes) {
      const lines = bytes.map((byte) => (byte === RETURN ? LINE_FEED : byte))
      void told.stdout(Buffer.from(lines))
      return program.input(Buffer.from(lines))
    },
  }
}

function withReturns(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}
