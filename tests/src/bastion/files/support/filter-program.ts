import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { parsePolicy } from '@sallyport/bastion/decide'
import { createSftpFilter, judgeWith, type Passage } from '@sallyport/bastion/files/sftp'
import { agent } from '../../decide/ask.ts'

// Stands between a client on stdin and stdout and a real sftp-server: POLICY EVENTS SERVER.
const [policyFile = '', eventsFile = '', server = ''] = process.argv.slice(2)
const parsed = parsePolicy(readFileSync(policyFile, 'utf8'))
if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems))
const { policy } = parsed
const filter = createSftpFilter({
  judge: judgeWith((question) => policy.decide({ ...agent, ...question })),
  onOperation: (event) => appendFileSync(eventsFile, `${JSON.stringify(event)}\n`),
})
const target = spawn(server, [], { stdio: ['pipe', 'pipe', 'inherit'] })
const pass = ({ toTarget, toAgent, violation }: Passage): void => {
  for (const bytes of toTarget) target.stdin.write(bytes)
  for (const bytes of toAgent) process.stdout.write(bytes)
  if (violation === undefined) return
  process.stderr.write(`violation: ${violation}\n`)
  target.stdin.end()
}
process.stdin.on('data', (bytes: Buffer) => pass(filter.fromAgent(bytes)))
process.stdin.on('end', () => target.stdin.end())
target.stdout.on('data', (bytes: Buffer) => pass(filter.fromTarget(bytes)))
target.stdin.on('error', () => {})
target.on('close', () => {
  filter.end()
  process.stdin.destroy()
})
