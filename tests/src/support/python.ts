import { join } from 'node:path'
import { run, type Finished } from './run.ts'

export const PYTHON_FOLDER: string = join(
  new URL('.', import.meta.url).pathname,
  '..',
  'interop',
  'python',
)

/** Runs one of the client scripts with Debian's Python, which has paramiko and asyncssh. */
export function python(
  script: string,
  args: readonly string[],
  timeout = 120_000,
): Promise<Finished> {
  return run('/usr/bin/python3', ['-W', 'ignore', join(PYTHON_FOLDER, script), ...args], {
    timeout,
  })
}
