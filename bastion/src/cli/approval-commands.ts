import { InvalidArgumentError, type Command } from 'commander'
import { addCommand, type CommandOptions, type Common } from './command.ts'
import { loadConfig } from '../config/load.ts'
import { callControl } from '../control/client.ts'
import {
  decideApproval,
  listApprovals,
  showApproval,
  type ApprovalCommand,
  type Decision,
} from './approval.ts'

interface Given extends Common {
  readonly reason: string
  readonly grant?: number
  readonly digest?: string
}

/** Adds what held commands are looked at and decided with. Rules must let the group `control-socket` decide. */
export function addApprovalCommands(program: Command, options: CommandOptions): void {
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
  addCommand(approval, 'list', 'show what waits').action(async (given: Common) => {
    end(await listApprovals(at(given)))
  })
  addCommand(approval, 'show <ticket>', 'show one, word by word').action(
    async (ticket: string, given: Common) => end(await showApproval(ticket, at(given))),
  )
  addCommand(approval, 'approve <ticket>', 'let it run')
    .option('--reason <text>', 'why', '')
    .option('--grant <seconds>', 'let others like it run for so long, too', seconds)
    .option('--digest <digest>', 'only if it is still what `show` printed')
    .action(async (ticket: string, given: Given) => decide(ticket, given, 'approve'))
  addCommand(approval, 'deny <ticket>', 'refuse it')
    .option('--reason <text>', 'why; the agent reads it too', '')
    .option('--digest <digest>', 'only if it is still what `show` printed')
    .action(async (ticket: string, given: Given) => decide(ticket, given, 'refuse'))
}

function seconds(text: string): number {
  const value = Number(text)
  if (/^[0-9]{1,6}$/.test(text)) return value
  throw new InvalidArgumentError('a number of seconds')
}
