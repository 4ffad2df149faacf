import assert from 'node:assert/strict'
import { answerControlCall, createApprovalDesk } from '@sallyport/bastion/approve'
import { decideApproval, listApprovals, showApproval } from '@sallyport/bastion/cli'
import type { ApprovalCommand } from '@sallyport/bastion/cli'
import { Room, ask } from '../approve/support/room.ts'

describe('the commands for approvals', () => {
  let room: Room
  let said: string[]

  beforeEach(() => {
    room = new Room()
    said = []
  })

  afterEach(() => {
    room.end()
  })

  function command(json = false, groups: readonly string[] = ['sre']): ApprovalCommand {
    const desk = createApprovalDesk(room.approvals)
    const person = { issuer: 'control', subject: 'ann', name: 'Ann', groups }
    return {
      async call(request) {
        const answer = await answerControlCall(desk, person, request)
        return answer ?? { status: 404, body: { message: 'no such path' } }
      },
      say: (text) => void said.push(text),
      json,
      now: room.clock.now,
    }
  }

  const once = { verdict: 'approve', reason: '', grantSeconds: 0 } as const

  it('list what waits, a line each', async () => {
    assert.equal(await listApprovals(command()), true)
    const { ticket } = room.pending()
    assert.equal(await listApprovals(command()), true)
    assert.deepEqual(said, [
      'nothing waits for approval',
      `${ticket}  60 s left  ci/deploy  deploy@web-1  "systemctl" "restart" "shop"`,
    ])
  })

  it('list the whole text where the words are not all of it', async () => {
    const { held } = ask()
    const text = "'cd' '/tmp' || exit\n'systemctl' 'restart' 'shop' >'/srv/x'"
    room.pending({ held: { ...held, send: Buffer.from(text) } })
    room.pending({ held: { ...held, commands: [], send: Buffer.from('a guarded shell') } })
    await listApprovals(command())
    assert.ok(said[0]?.endsWith(`  sends ${JSON.stringify(text)}`))
    assert.ok(said[1]?.endsWith('  sends "a guarded shell"'))
  })

  it('show hostile text escaped, on its own line, to the last character', async () => {
    const hostile = '\u001b[2J\u202e\nruns      "id"'
    const { ticket } = room.pending({
      held: {
        ...ask().held,
        commands: [['rm', hostile, 'x'.repeat(3000)]],
        send: Buffer.from(hostile),
      },
      identity: { ...ask().identity, name: hostile, claims: { [hostile]: hostile } },
      variables: [`LANG=${hostile}`],
      before: [hostile],
    })
    await listApprovals(command())
    await showApproval(ticket, command())
    for (const line of said) assert.match(line, /^[\x20-\x7e]*$/)
    const runs = said.filter((line) => line.startsWith('runs '))
    assert.equal(runs.length, 1)
    const variable = 'variable  "LANG=\\u001b[2J\\u{202e}\\nruns      \\"id\\""'
    assert.ok(said.includes(variable))
    assert.ok(
      runs[0]?.endsWith(`"rm" "\\u001b[2J\\u{202e}\\nruns      \\"id\\"" "${'x'.repeat(3000)}"`),
    )
  })

  it('say what was not judged', async () => {
    const held = { ...ask().held, judged: false, commands: [], send: Buffer.from('echo $X') }
    const { ticket } = room.pending({ held })
    await showApproval(ticket, command())
    assert.ok(said.includes('not judged: exact text'))
    assert.ok(said.includes('sends     "echo $X"'))
  })

  it('approve what was shown, and say what came of it', async () => {
    const pending = room.pending({}, { count: 1, grant: 60 })
    const granting = { ...once, grantSeconds: 60 }
    assert.equal(await decideApproval(pending.ticket, granting, command()), true)
    assert.equal(said.at(-1), 'approved until 2026-11-26T12:01:00.000Z')
    assert.equal((await pending.outcome).kind, 'approved')
    const two = room.pending({ login: 'root' }, { count: 2 })
    assert.equal(await decideApproval(two.ticket, once, command()), true)
    assert.equal(said.at(-1), 'approved; still waits for sre (1 of 2)')
    const refuse = { ...once, verdict: 'refuse', reason: 'no' } as const
    assert.equal(await decideApproval(two.ticket, refuse, command()), true)
    assert.equal(said.at(-1), 'refused')
  })

  it('fail in the words of the bastion', async () => {
    const { ticket } = room.pending()
    assert.equal(await decideApproval(ticket, once, command(false, [])), false)
    assert.equal(said.at(-1), 'Rule restart leaves this to sre.')
    const other = { ...once, digest: 'f'.repeat(64) }
    assert.equal(await decideApproval(ticket, other, command()), false)
    assert.match(said.at(-1) ?? '', /not what would run/)
    assert.equal(await showApproval('A'.repeat(24), command()), false)
    assert.equal(said.at(-1), 'There is no such request.')
    assert.equal(await showApproval('../x', command()), false)
    assert.equal(room.approvals.get(ticket)?.state, 'pending')
  })

  it('print JSON when asked', async () => {
    const { ticket } = room.pending()
    await listApprovals(command(true))
    await showApproval(ticket, command(true))
    await decideApproval(ticket, once, command(true, []))
    await decideApproval(ticket, once, command(true))
    const [list, one, failed, decided] = said.map((line): unknown => JSON.parse(line))
    assert.equal(JSON.stringify(list).includes(ticket), true)
    assert.equal(JSON.stringify(one).includes(ticket), true)
    assert.deepEqual(failed, { error: 'Rule restart leaves this to sre.' })
    assert.deepEqual(decided, { kind: 'approved' })
  })
})
