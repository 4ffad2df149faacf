import { enableCompileCache } from 'node:module'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'

// What was compiled once is not compiled at every start: half of the time of a short command. The cache lies with the
// program, so that nobody can write to it who could not write to the program.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/sallyport', import.meta.url)))

const { run } = await import('./cli/program.ts')
process.exitCode = await run(process.argv.slice(2), process.env['SUDO_USER'] ?? accountName())

/** An account may have a number and no name. */
function accountName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
