import { readFile } from 'node:fs/promises'
import { HUMAN } from '../files/ssh-config-text.ts'
import { LOGIN } from '../target/demonstration-target.ts'
import { failed, passed, told, type Stage, type Step } from './step.ts'

/** Exit status of what the policy denied. */
const STATUS_DENIED = 126

/** The commands of the tour, as the agent types them; the last step finds them again. */
export const COMMANDS: Readonly<Record<'allowed' | 'denied' | 'copied', string>> = {
  allowed: 'tail -n 2 app.log',
  denied: 'tail -n 2 app.log; rm -rf releases',
  copied: 'scp -t releases/',
}

export const allowedStep: Step = {
  title: 'It runs a command with stock ssh -J',
  async run(stage) {
    const outcome = await stage.type(`${sshAsAgent(stage)} '${COMMANDS.allowed}'`)
    return outcome.status === 0 && outcome.stdout.includes('disk 81% full')
      ? passed('allowed, recorded, and run with a key that the agent never sees')
      : failed('the end of app.log and exit status 0', told(outcome))
  },
}

export const deniedStep: Step = {
  title: 'It tries something that no rule allows',
  async run(stage) {
    const outcome = await stage.type(`${sshAsAgent(stage)} '${COMMANDS.denied}'`)
    const said = outcome.stderr.includes('sallyport: denied by rule no-removal: ')
    return outcome.status === STATUS_DENIED && said && outcome.stdout === ''
      ? passed(`exit status ${outcome.status}; none of the line was run`)
      : failed(`a denial by no-removal and exit status ${STATUS_DENIED}`, told(outcome))
  },
}

export const shellStep: Step = {
  title: 'A person gets a shell',
  async run({ folder, target, type, hasTerminal }) {
    const force = hasTerminal ? '' : '-tt '
    const outcome = await type(`ssh ${force}-F ${folder.typed('ssh_config')} ${target}${HUMAN}`, {
      prompt: hasTerminal ? /\$ $/ : /node-pty is not built|hello from deploy/,
      lines: ['echo "hello from $USER"', 'exit 3'],
    })
    return outcome.status === 3 && outcome.stdout.includes(`hello from ${LOGIN}\n`)
      ? passed('its exit status came back, and all that it showed is recorded')
      : failed('a greeting and exit status 3', told(outcome))
  },
}

export const copyStep: Step = {
  title: 'The agent copies a file with stock scp',
  async run(stage) {
    const { folder, target, type } = stage
    const made = `release 42, ${new Date(stage.since).toISOString()}`
    const local = folder.typed('agent', '42.txt')
    const outcome = await type(
      `echo '${made}' > ${local} && scp -O -F ${folder.typed('ssh_config')} ${local} ${target}:releases/`,
    )
    const arrived = await readFile(folder.file(target, 'home', 'releases', '42.txt'), 'utf8').catch(
      () => '',
    )
    if (outcome.status !== 0 || arrived !== `${made}\n`) {
      return failed('the same file in releases/', `${told(outcome)}; it holds "${arrived}"`)
    }
    const read = await type(`${sshAsAgent(stage)} 'cat releases/42.txt'`)
    return read.stdout === arrived
      ? passed('it arrived whole')
      : failed('the file that was copied', told(read))
  },
}

function sshAsAgent({ folder, target }: Stage): string {
  return `ssh -F ${folder.typed('ssh_config')} -J bastion ${LOGIN}@${target}`
}
