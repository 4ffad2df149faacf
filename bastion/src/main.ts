import { Buffer } from 'node:buffer'
import { userInfo } from 'node:os'
import { run } from './cli/program.ts'

// Small buffers share memory that stays as long as the last of them: the few bytes that a connection keeps of its
// handshake would hold 64 KB each time, 20 KB for each session in all.
Buffer.poolSize = 1 << 10

process.exitCode = await run(process.argv.slice(2), process.env['SUDO_USER'] ?? accountName())

/** An account may have a number and no name. */
function accountName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
