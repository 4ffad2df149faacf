import { strict as assert } from 'node:assert'
import { channelData, channelMessage, channelRequest, strings } from '../../support/ssh-messages.ts'
import { allowed, approved, denied, held, openHoldRig, said } from './hold-rig.ts'
import { written } from './rig.ts'

const EOF = 96
const CLOSE = 97
const REQUEST = 98
const SUCCESS = 99
const FAILURE = 100

describe('relay: a start that is held', () => {
  it('sends nothing, and says on standard error what it waits for and where', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    await written()
    assert.equal(
      said(rig),
      'sallyport: rule restart asks for approval by sre (1 of 1); waiting until 14:05:10 UTC\n' +
        'sallyport: https://bastion.example/approvals/ticket-1\n',
    )
    assert.deepEqual(rig.target.heard, [])
    assert.ok(rig.recorded.includes('marker waiting for approval'))
  })

  it('sends what was approved before the input that came meanwhile, and says by whom', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    rig.agent.say(channelData(channel, 'early input'))
    rig.agent.say(channelMessage(EOF, channel))
    await written()
    assert.deepEqual(rig.target.heard, [])
    await rig.decideAs(approved)
    const start = rig.target.next(REQUEST)
    assert.ok(start.includes(strings(held.send)))
    assert.ok(rig.target.next(94).includes('early input'))
    rig.target.next(EOF)
    assert.match(said(rig), /sallyport: approved by Ada\n$/)
    assert.ok(
      rig.recorded.indexOf('marker approved') < rig.recorded.indexOf('decision allow restart'),
    )
    rig.target.say(channelMessage(SUCCESS, channel))
    rig.agent.next(SUCCESS)
  })

  it('refuses with 126 what somebody refused, and with 124 what nobody approved in time', async () => {
    for (const [outcome, text, status] of [
      [{ kind: 'refused', by: 'Ada', reason: 'not now' }, 'refused by Ada: not now', 126],
      [{ kind: 'expired' }, 'nobody approved it in time', 124],
      [{ kind: 'cancelled', reason: 'the identity was revoked' }, 'the identity was revoked', 126],
    ] as const) {
      const rig = openHoldRig()
      const channel = rig.session()
      rig.request(channel, 'exec', strings('systemctl restart shop'))
      await written()
      rig.agent.heard.splice(0)
      await rig.decideAs(outcome)
      const heard = rig.agent.heard.slice()
      assert.equal(said(rig), `sallyport: denied by rule restart: ${text}\n`)
      const ending = heard.find((message) => message[0] === REQUEST)
      assert.equal(ending?.readUInt32BE(ending.length - 4), status)
      assert.deepEqual(
        rig.target.heard.map((message) => message[0]),
        [CLOSE],
      )
      assert.ok(rig.recorded.includes('decision deny restart'))
    }
  })

  it('adds a line of JSON for an agent that asks for it, and tells no target of that wish', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'env', strings('SALLYPORT_JSON', '1'))
    rig.agent.next(SUCCESS)
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    await written()
    const [, , waiting] = said(rig).split('\n')
    assert.deepEqual(JSON.parse(waiting ?? ''), {
      sallyport: 'waiting',
      rule: 'restart',
      ticket: 'ticket-1',
      link: 'https://bastion.example/approvals/ticket-1',
      expiresAt: Date.UTC(2026, 0, 5, 14, 5, 10),
    })
    await rig.decideAs({ kind: 'expired' })
    const [, refusal] = said(rig).split('\n')
    assert.deepEqual(JSON.parse(refusal ?? ''), {
      sallyport: 'expired',
      rule: 'restart',
      message: 'nobody approved it in time',
      status: 124,
      ticket: 'ticket-1',
      link: 'https://bastion.example/approvals/ticket-1',
    })
    assert.deepEqual(
      rig.target.heard.map((message) => message[0]),
      [CLOSE],
    )
  })

  it('withdraws the question when the agent goes, and starts nothing whatever is decided then', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    rig.agent.say(channelMessage(CLOSE, channel))
    assert.deepEqual(rig.cancelled, ['the agent went before anybody decided'])
    await rig.decideAs(approved)
    assert.deepEqual(
      rig.target.heard.map((message) => message[0]),
      [CLOSE],
    )
    assert.ok(rig.recorded.includes('decision deny restart'))
  })

  it('withdraws it when the connection ends', async () => {
    const rig = openHoldRig()
    rig.request(rig.session(), 'exec', strings('systemctl restart shop'))
    rig.relay.violation('a test')
    assert.deepEqual(rig.cancelled, ['the connection ended before anybody decided'])
    await rig.decideAs(approved)
    assert.deepEqual(rig.target.heard, [])
    assert.ok(!rig.reports.includes('relay.failed'))
  })

  it('serves sibling channels, and holds a second command on its own', async () => {
    const rig = openHoldRig()
    const first = rig.session()
    rig.request(first, 'exec', strings('systemctl restart shop'))
    const second = rig.session()
    rig.request(second, 'exec', strings('id'))
    await written()
    assert.ok(rig.target.next(REQUEST).includes(strings("'id'")))
    rig.agent.heard.splice(0)
    const third = rig.session()
    rig.request(third, 'exec', strings('systemctl restart shop'))
    await written()
    assert.deepEqual(rig.target.heard, [])
    assert.equal(rig.asked.length, 2)
    assert.deepEqual(rig.asked[1]?.before, ['id'])
  })

  it('takes no second start and no new variables while it waits', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    rig.request(channel, 'exec', strings('id'))
    rig.request(channel, 'env', strings('LANG', 'C'))
    await written()
    assert.deepEqual(rig.target.heard, [])
    await rig.decideAs(approved)
    rig.target.next(REQUEST)
    assert.deepEqual(rig.target.heard, [])
    rig.target.say(channelMessage(SUCCESS, channel))
    const answers = rig.agent.heard
      .map((message) => message[0])
      .filter((type) => type !== 95 && type !== 93)
    assert.deepEqual(answers, [SUCCESS, FAILURE, FAILURE])
  })

  it('keeps no more requests than it can bear while it waits', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    await written()
    const signal = channelRequest(channel, 'signal', false, strings('USR1'))
    for (let sent = 0; sent < 20_000 && rig.agent.ended() === undefined; sent += 1)
      rig.agent.say(signal)
    assert.match(rig.agent.ended() ?? '', /the agent sends more than is passed on/)
  })

  it('ends the connection of a target that speaks before the start', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    await written()
    rig.target.say(channelData(channel, 'spoofed'))
    assert.match(rig.agent.ended() ?? '', /the target sent data before a start request/)
    assert.doesNotMatch(rig.recorded.join('\n'), /spoofed/)
  })

  it('judges again when it is approved: a policy that denies it now has the last word', async () => {
    const rig = openHoldRig()
    const channel = rig.session()
    rig.request(channel, 'exec', strings('systemctl restart shop'))
    await written()
    rig.changePolicy(denied)
    await rig.decideAs(approved)
    assert.match(said(rig), /denied by rule frozen: the policy changed: not today\n$/)
    assert.deepEqual(
      rig.target.heard.map((message) => message[0]),
      [CLOSE],
    )
  })

  it('asks again where the policy wants other people by then, or would send another text', async () => {
    const terms = {
      by: { groups: ['sre'], identities: [] },
      count: 2,
      ttl: 600,
      reasonRequired: false,
      grant: 0,
      endsSessions: false,
    }
    for (const [now, message] of [
      [{ ...held, terms: [terms] }, 'others must agree now, ask again'],
      [
        { ...allowed, send: Buffer.from("'/usr/bin/env' '-i' 'systemctl' 'restart' 'shop'") },
        'another text would be sent now, ask again',
      ],
    ] as const) {
      const rig = openHoldRig()
      rig.request(rig.session(), 'exec', strings('systemctl restart shop'))
      await written()
      rig.changePolicy(now)
      await rig.decideAs(approved)
      assert.ok(said(rig).endsWith(`denied by rule ${now.rule}: the policy changed: ${message}\n`))
      assert.deepEqual(
        rig.target.heard.map((sent) => sent[0]),
        [CLOSE],
      )
    }
  })

  it('starts at once what a grant covers, and refuses where nobody can be asked', async () => {
    const granted = openHoldRig({ kind: 'granted', by: 'grant 1', send: held.send })
    granted.request(granted.session(), 'exec', strings('systemctl restart shop'))
    await written()
    assert.ok(granted.target.next(REQUEST).includes(strings(held.send)))

    const refused = openHoldRig({ kind: 'rejected', message: 'too many requests wait already' })
    refused.request(refused.session(), 'exec', strings('systemctl restart shop'))
    await written()
    assert.equal(
      said(refused),
      'sallyport: denied by rule restart: too many requests wait already\n',
    )
  })
})
