import { strict as assert } from 'node:assert'
import type { Decision, DecisionQuestion } from '@sallyport/bastion/decide'
import type { ApprovalOutcome } from '@sallyport/bastion/relay'
import { channelData, channelMessage, strings } from '../../support/ssh-messages.ts'
import { pendingUntil } from './hold-rig.ts'
import { openRig, written, type Rig } from './rig.ts'

const DATA = 94
const REQUEST = 98
const SUCCESS = 99

// uint32 length, byte type, then the fields.
const sftp = (type: number, ...fields: readonly Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.of(type), ...fields])
  return Buffer.concat([uint32(body.length), body])
}
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const init = sftp(1, uint32(3), strings('anything@example', '1'))
const version = sftp(2, uint32(3))
const home = sftp(104, uint32(0), uint32(1), strings('/home/deploy', ''), uint32(0))
const remove = (id: number, path: string): Buffer => sftp(13, uint32(id), strings(path))

const decide = (question: DecisionQuestion): Decision => {
  const shared = { judged: true, commands: [], reason: 'a test' } as const
  if (question.kind === 'subsystem')
    return {
      ...shared,
      effect: 'approve',
      rule: 'files',
      terms: [],
      send: Buffer.alloc(0),
      files: true,
    }
  if (question.kind === 'file' && question.operation.path.startsWith('/srv/'))
    return { ...shared, effect: 'allow', rule: 'srv' }
  const message = 'no rule allows it'
  return { effect: 'deny', rule: 'default', message, reason: message }
}

interface HeldFiles extends Rig {
  readonly channel: number
  approve(): Promise<void>
  /** The bytes of the channel that the target was sent since the last look. */
  sent(): Buffer
  /** What standard error said since the last look. */
  told(): string
}

function openHeldFiles(policy: (question: DecisionQuestion) => Decision = decide): HeldFiles {
  const outcome = Promise.withResolvers<ApprovalOutcome>()
  const rig = openRig({
    decide: policy,
    ask: () => pendingUntil(outcome.promise, () => {}),
  })
  const channel = rig.session()
  rig.request(channel, 'subsystem', strings('sftp'))
  const bytesOf = (messages: Buffer[], type: number, head: number): Buffer =>
    Buffer.concat(
      messages.filter((message) => message[0] === type).map((message) => message.subarray(head)),
    )
  return {
    ...rig,
    channel,
    approve: async () => {
      outcome.resolve({ kind: 'approved', by: ['Ada'], send: Buffer.alloc(0) })
      await written()
      await written()
    },
    sent: () => bytesOf(rig.target.heard.splice(0), DATA, 9),
    told: () => bytesOf(rig.agent.heard.splice(0), 95, 13).toString(),
  }
}

describe('relay: sftp that people approved', () => {
  it('is judged file by file, also what came while it waited', async () => {
    const rig = openHeldFiles()
    rig.agent.say(channelData(rig.channel, init))
    await written()
    assert.deepEqual(rig.target.heard, [])
    await rig.approve()
    assert.ok(rig.target.next(REQUEST).includes(strings('sftp')))
    // Printed anew: no extension of the agent's own passes.
    assert.deepEqual(rig.sent(), sftp(1, uint32(3)))
    rig.target.say(channelMessage(SUCCESS, rig.channel))
    rig.target.say(channelData(rig.channel, version))
    await written()
    rig.sent()
    rig.target.say(channelData(rig.channel, home))
    rig.told()
    rig.agent.say(channelData(rig.channel, remove(7, '/etc/passwd')))
    rig.agent.say(channelData(rig.channel, remove(8, '/srv/../srv/old')))
    assert.deepEqual(rig.sent(), Buffer.alloc(0), 'the recording does not hold it yet')
    await written()
    assert.deepEqual(rig.sent(), remove(8, '/srv/old'))
    assert.equal(rig.told(), 'sallyport: denied by rule default: no rule allows it\n')
  })

  it('is refused when only the policy of now judges files', async () => {
    let filtered = false
    const rig = openHeldFiles((question) => {
      const decision = decide(question)
      if (decision.effect !== 'approve' || filtered) return decision
      const { files: _files, ...unfiltered } = decision
      return unfiltered
    })
    rig.agent.say(channelData(rig.channel, init))
    await written()
    filtered = true
    rig.told()
    await rig.approve()
    assert.match(rig.told(), /denied by rule files: the policy changed: each file is judged now/)
    assert.deepEqual(rig.sent(), Buffer.alloc(0))
  })

  it('tells no more than twenty refusals on standard error, and answers all', async () => {
    const rig = openHeldFiles()
    rig.agent.say(channelData(rig.channel, init))
    await rig.approve()
    rig.target.say(channelMessage(SUCCESS, rig.channel))
    rig.target.say(channelData(rig.channel, version))
    rig.target.say(channelData(rig.channel, home))
    await written()
    rig.told()
    for (let id = 1; id <= 50; id += 1)
      rig.agent.say(channelData(rig.channel, remove(id, `/etc/${id}`)))
    for (let turns = 0; turns < 200; turns += 1) await written()
    const answers = rig.agent.heard.filter((message) => message[0] === DATA)
    assert.equal(answers.length, 50)
    const lines = rig.told().trimEnd().split('\n')
    assert.equal(lines.length, 21)
    assert.equal(lines.at(-1), 'sallyport: further refusals are not told here')
  })
})

describe('relay: what runs when the policy changes', () => {
  const shared = { judged: true, commands: [], reason: 'a test', rule: 'r' } as const
  const before: Readonly<Record<string, Decision>> = {
    shell: { ...shared, effect: 'allow', shell: 'observed' },
    subsystem: { ...shared, effect: 'allow' },
    exec: { ...shared, effect: 'allow', send: Buffer.from('x') },
  }
  const cases: readonly (readonly [string, string, Decision, number])[] = [
    [
      'shell',
      'a shell goes on that may go on',
      { ...shared, effect: 'allow', shell: 'observed' },
      0,
    ],
    [
      'shell',
      'an observed shell ends where only a guarded one may run',
      { ...shared, effect: 'allow', shell: 'guarded' },
      1,
    ],
    [
      'subsystem',
      'sftp ends where its files are judged from now on',
      { ...shared, effect: 'allow', files: true },
      1,
    ],
    [
      'exec',
      'a command ends that is denied',
      { effect: 'deny', rule: 'r', message: 'no', reason: 'no' },
      1,
    ],
    [
      'exec',
      'a command ends that needs approval',
      { ...shared, effect: 'approve', terms: [], send: Buffer.from('x') },
      1,
    ],
  ]
  for (const [kind, text, now, ended] of cases)
    it(text, async () => {
      let changed = false
      const rig = openRig({
        decide: (question) =>
          changed && question.kind === kind ? now : (before[question.kind] ?? now),
      })
      const channel = rig.session()
      rig.request(channel, kind, kind === 'shell' ? undefined : strings('sftp'))
      await written()
      changed = true
      assert.equal(rig.relay.rejudge(), ended)
    })
})
