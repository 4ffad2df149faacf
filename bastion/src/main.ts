import { userInfo } from 'node:os'
import { run } from './cli/program.ts'

process.exitCode = await run(process.argv.slice(2), process.env['SUDO_USER'] ?? accountName())

/** An account may have a number and no name. */
function accountName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
