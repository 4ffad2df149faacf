import { InvalidArgumentError, type Command } from 'commander'
import { loadConfig } from '../config/load.ts'
import { callControl } from '../control/index.ts'
import {
  decideApproval,
  listApprovals,
  showApproval,
  type ApprovalCommand,
  type Decision,
} from './approval.ts'

export interface ApprovalCommandsOptions {
  readonly say: (text: string) => void
  /** Who the caller says to be; undefined when nobody knows. */
  readonly account: string | undefined
  /** Called when what was asked for was not done. */
  readonly failed: () => void
}

interface Common {
  readonly config: string
  readonly json: boolean
}

interface Given extends Common {
  readonly reason: string
  readonly grant?: number
  readonly digest?: string
}

/** Adds what held commands are looked at and decided with. Rules must let the group `control-socket` decide. */
export function addApprovalCommands(program: Command, options: ApprovalCommandsOptions): void {
  const { say, account, failed } = options
  const approval = program.command('approval').description('look at held commands, and decide')
  const at = ({ config, json }: Common): ApprovalCommand => ({
    call: async (request) => {
      const { data } = await loadConfig(config)
      const { method, path, body } = request
      return callControl({ data, method: method === 'POST' ? 'POST' : 'GET', path, body, account })
    },
    say,
    json,
    now: Date.now,
  })
  const end = (done: boolean): void => {
    if (!done) failed()
  }
  const decide = async (
    ticket: string,
    given: Given,
    verdict: Decision['verdict'],
  ): Promise<void> => {
    const { reason, grant = 0, digest } = given
    const decision = {
      verdict,
      reason,
      grantSeconds: grant,
      ...(digest === undefined ? {} : { digest }),
    }
    end(await decideApproval(ticket, decision, at(given)))
  }
  common(approval, 'list', 'show what waits').action(async (given: Common) => {
    end(await listApprovals(at(given)))
  })
  common(approval, 'show <ticket>', 'show one, word by word').action(
    async (ticket: string, given: Common) => end(await showApproval(ticket, at(given))),
  )
  common(approval, 'approve <ticket>', 'let it run')
    .option('--reason <text>', 'why', '')
    .option('--grant <seconds>', 'let others like it run for so long, too', seconds)
    .option('--digest <digest>', 'only if it is still what `show` printed')
    .action(async (ticket: string, given: Given) => decide(ticket, given, 'approve'))
  common(approval, 'deny <ticket>', 'refuse it')
    .option('--reason <text>', 'why; the agent reads it too', '')
    .option('--digest <digest>', 'only if it is still what `show` printed')
    .action(async (ticket: string, given: Given) => decide(ticket, given, 'refuse'))
}

function common(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .requiredOption('--config <file>', 'the configuration file of the bastion')
    .option('--json', 'print JSON', false)
}

function seconds(text: string): number {
  const value = Number(text)
  if (/^[0-9]{1,6}$/.test(text)) return value
  throw new InvalidArgumentError('a number of seconds')
}
