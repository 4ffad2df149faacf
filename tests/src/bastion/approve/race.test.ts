import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApprovals } from '@sallyport/bastion/approve'
import type { Approvals, Outcome, Pending } from '@sallyport/bastion/approve'
import fc from 'fast-check'
import { TestClock, ask, person } from './support/room.ts'

const AGENTS = ['agent-a', 'agent-b'] as const
// The last of them is an agent's own person, and the fourth has no right at all.
const PERSONS = [
  person('ann', 'sre'),
  person('ben', 'sre', 'dba'),
  person('dan', 'dba'),
  person('eve', 'others'),
  person('agent-a', 'sre', 'dba'),
]
const RULES = [
  [{ count: 1 }],
  [{ count: 2 }],
  [{ by: { groups: ['sre', 'dba'], identities: ['eve'] }, count: 3 }],
  [{ count: 1 }, { by: { groups: ['dba'], identities: [] }, count: 2 }],
] as const

const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('ask'), fc.nat(1), fc.nat(3)) },
  { weight: 12, arbitrary: fc.tuple(fc.constant('approve'), fc.nat(4), fc.nat(20)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('refuse'), fc.nat(4), fc.nat(20)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('leave'), fc.nat(20), fc.nat(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait'), fc.nat(40), fc.nat(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('late timer'), fc.nat(40), fc.nat(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restart'), fc.nat(0), fc.nat(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('crash'), fc.nat(6), fc.nat(0)) },
)

interface Case {
  readonly pending: Pending
  readonly agent: string
  readonly rule: number
  readonly yes: Set<string>
  readonly outcomes: Outcome[]
  /** The run of the program that it waits in. */
  readonly run: number
}

/** Two agents, five persons, and a machine that stops and crashes at any point. */
class World {
  readonly clock = new TestClock()
  readonly used = new Map<string, number>()
  readonly cases: Case[] = []
  readonly #folders: string[] = []
  readonly #opened: Approvals[] = []
  #run = 0
  #crashAfter = -1
  #image: string | undefined
  #file: string
  #approvals: Approvals

  constructor() {
    this.#file = join(this.#folder(), 'approvals.sqlite')
    this.#approvals = this.#open()
  }

  do([what, a, b]: readonly [string, number, number]): void {
    const one = this.cases[b % Math.max(this.cases.length, 1)]
    const who = PERSONS[a % PERSONS.length] ?? PERSONS[0]
    if (what === 'ask') this.#ask(a, b)
    else if (what === 'leave')
      this.cases[a % Math.max(this.cases.length, 1)]?.pending.cancel('left')
    else if (what === 'wait') this.clock.advance(a * 1000)
    else if (what === 'late timer') this.clock.time += a * 1000
    else if (what === 'crash') this.#crashAfter = a
    else if (what === 'restart') this.#restart()
    else if (one !== undefined && who !== undefined) {
      this.#decide(one, who, what === 'refuse' ? 'refuse' : 'approve')
    }
    if (this.#image !== undefined) this.#continueFrom(this.#image)
  }

  end(): void {
    for (const approvals of this.#opened) approvals.close()
    for (const folder of this.#folders) rmSync(folder, { recursive: true })
  }

  #ask(agent: number, rule: number): void {
    const name = AGENTS[agent] ?? AGENTS[0]
    const identity = { ...ask().identity, name, subject: name }
    const asked = this.#approvals.ask(ask({ identity }, ...(RULES[rule] ?? RULES[0])))
    assert.ok(asked.kind === 'pending')
    const outcomes: Outcome[] = []
    void asked.outcome.then((outcome) => outcomes.push(outcome))
    this.cases.push({ pending: asked, agent: name, rule, yes: new Set(), outcomes, run: this.#run })
  }

  #decide(one: Case, who: (typeof PERSONS)[number], verdict: 'approve' | 'refuse'): void {
    const { ticket, expiresAt } = one.pending
    const stored = this.#approvals.get(ticket)
    const digest = stored?.digest ?? ''
    const answer = this.#approvals.decide(ticket, who, {
      verdict,
      digest,
      reason: '',
      grantSeconds: 0,
    })
    if (answer.kind === 'rejected' || answer.kind === 'refused') return
    assert.notEqual(who.subject, one.agent, 'nobody approves their own')
    assert.ok(this.clock.time < expiresAt, 'nothing is approved late')
    assert.equal(one.run, this.#run, 'nothing is approved after a restart')
    assert.equal(one.yes.has(who.subject), false, 'nobody counts twice')
    one.yes.add(who.subject)
    if (answer.kind === 'approved') {
      assert.equal(this.#approvals.get(ticket)?.state, 'used', 'it is spent before it is heard of')
      assert.ok(hasNeeded(one), `${[...one.yes].join()} for rule ${one.rule}`)
    }
  }

  #restart(): void {
    this.#approvals.close()
    this.#run += 1
    this.#approvals = this.#open()
  }

  /** The old program is still there in this test, and what it does from here on never happened. */
  #continueFrom(image: string): void {
    this.#image = undefined
    this.#file = image
    this.#run += 1
    this.#approvals = this.#open()
    assert.deepEqual(this.#approvals.list(), [], 'nothing waits after a crash')
  }

  #open(): Approvals {
    const run = this.#run
    const approvals = openApprovals({
      file: this.#file,
      externalUrl: 'https://bastion.example',
      now: this.clock.now,
      setTimer: this.clock.setTimer,
      most: { perIdentity: 1000, total: 1000 },
      audit: { write: (event, detail) => this.#hear(run, event, String(detail['ticket'])) },
    })
    this.#opened.push(approvals)
    return approvals
  }

  #hear(run: number, event: string, ticket: string): void {
    assert.notEqual(event, 'approve.failed')
    if (run !== this.#run || this.#image !== undefined) return
    if (event === 'approve.used') this.used.set(ticket, (this.used.get(ticket) ?? 0) + 1)
    if (this.#crashAfter < 0) return
    this.#crashAfter -= 1
    if (this.#crashAfter < 0) this.#image = this.#copy()
  }

  /** What is on the disk at this very moment. */
  #copy(): string {
    const image = join(this.#folder(), 'approvals.sqlite')
    for (const suffix of ['', '-wal']) {
      if (existsSync(this.#file + suffix)) copyFileSync(this.#file + suffix, image + suffix)
    }
    return image
  }

  #folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'race-'))
    this.#folders.push(folder)
    return folder
  }
}

/** Said again here, so that the test does not ask the code under test. */
function hasNeeded({ rule, yes, agent }: Case): boolean {
  const has = (...names: readonly string[]): number => {
    return names.filter((name) => yes.has(name) && name !== agent).length
  }
  const sre = has('ann', 'ben', 'agent-a')
  const dba = has('ben', 'dan', 'agent-a')
  if (rule === 0) return sre >= 1
  if (rule === 1) return sre >= 2
  if (rule === 2) return has('ann', 'ben', 'dan', 'eve', 'agent-a') >= 3
  return sre >= 1 && dba >= 2
}

describe('agents, approvers, restarts and crashes in any order', () => {
  it('use no ticket twice, and none without the persons that it needs', async () => {
    let approved = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const world = new World()
        try {
          for (const each of steps) {
            world.do(each as [string, number, number])
            await Promise.resolve()
          }
        } finally {
          world.end()
        }
        await new Promise((resolve) => setImmediate(resolve))
        for (const { pending, outcomes } of world.cases) {
          assert.equal(outcomes.length, 1, 'each wait ends once')
          const used = world.used.get(pending.ticket) ?? 0
          assert.ok(used <= 1)
          if (used === 1) assert.equal(outcomes[0]?.kind, 'approved')
          approved += used
        }
      }),
      { numRuns: 60 },
    )
    assert.ok(approved > 20, `only ${approved} were approved: the test tries too little`)
  })

  it('never run what a crash caught between the last approval and its use', () => {
    let image = ''
    const folder = mkdtempSync(join(tmpdir(), 'race-'))
    const file = join(folder, 'approvals.sqlite')
    const common = { externalUrl: 'https://bastion.example', now: () => 0 }
    const approvals = openApprovals({
      file,
      ...common,
      audit: {
        write(event) {
          if (event !== 'approve.approved') return
          image = join(folder, 'image.sqlite')
          copyFileSync(file, image)
          copyFileSync(`${file}-wal`, `${image}-wal`)
        },
      },
    })
    const asked = approvals.ask(ask())
    assert.ok(asked.kind === 'pending')
    const digest = approvals.get(asked.ticket)?.digest ?? ''
    const verdict = { verdict: 'approve', digest, reason: '', grantSeconds: 0 } as const
    const ann = person('ann', 'sre')
    assert.equal(approvals.decide(asked.ticket, ann, verdict).kind, 'approved')
    approvals.close()
    const after = openApprovals({ file: image, ...common, audit: { write: () => {} } })
    assert.equal(after.get(asked.ticket)?.state, 'cancelled')
    assert.equal(after.get(asked.ticket)?.approvals.length, 1)
    assert.equal(after.decide(asked.ticket, person('ben', 'sre'), verdict).kind, 'rejected')
    after.close()
    rmSync(folder, { recursive: true })
  })
})
