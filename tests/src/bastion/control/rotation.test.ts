import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  callControl,
  createRotationControl,
  openControl,
  type Control,
} from '@sallyport/bastion/control'
import { createChanges, type Rotations, type StartOptions } from '@sallyport/bastion/rotate'

describe('the control routes of rotations', () => {
  let data: string
  let control: Control
  let state: 'running' | 'done' = 'running'
  let started: StartOptions | undefined
  let asked = 0
  const changes = createChanges(7)
  const rotations: Partial<Rotations> = {
    changes,
    run(id) {
      asked += 1
      if (id !== 'one') return undefined
      return { id, by: 'ann', startedAt: '', state, stopAfter: 1, units: [] }
    },
    async start(_selection, options) {
      started = options
      return { kind: 'refused', message: 'no' }
    },
    schedules: () => [],
    freezes: () => [{ name: 'launch', from: 0, until: undefined }],
  }

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'sallyport-control-'))
    control = await openControl({
      data,
      routers: [createRotationControl(rotations as Rotations)],
      now: Date.now,
      onError: (error) => assert.fail(String(error)),
    })
  })
  after(async () => {
    await control.close()
    await rm(data, { recursive: true })
  })

  const get = async (path: string): Promise<unknown> =>
    (await callControl({ data, method: 'GET', path })).body

  it('answer at once who has seen nothing, or another state', async () => {
    const run = { id: 'one', by: 'ann', startedAt: '', state: 'running', stopAfter: 1, units: [] }
    for (const query of ['', '?since=', '?since=6', '?since=x', '?since=7&since=7'])
      assert.deepEqual(await get(`/api/keys/runs/one${query}`), { run, revision: 7 }, query)
    assert.match(JSON.stringify(await get('/api/keys/runs/two?since=7')), /there is no run two/)
  })

  it('answer who has seen all when something changes, and several changes at once', async () => {
    let isAnswered = false
    asked = 0
    const answer = get('/api/keys/runs/one?since=7').finally(() => {
      isAnswered = true
    })
    while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(isAnswered, false)
    changes.changed()
    changes.changed()
    const { revision } = (await answer) as { revision: number }
    assert.equal(revision, 9)
  })

  it('answer at once about a run that is over', async () => {
    state = 'done'
    const { run } = (await get('/api/keys/runs/one?since=9')) as { run: { state: string } }
    assert.equal(run.state, 'done')
  })

  it('pass on the type of the keys, and why it is done in a freeze', async () => {
    const post = async (body: unknown): Promise<number> =>
      (await callControl({ data, method: 'POST', path: '/api/keys/rotate', body })).status
    assert.equal(await post({ keys: ['k'], type: 'rsa', despiteFreeze: 'it leaked' }), 400)
    assert.deepEqual(started, {
      by: 'control socket',
      stopAfter: 3,
      type: 'rsa',
      despiteFreeze: 'it leaked',
    })
    started = undefined
    for (const odd of [{ type: 'dsa' }, { despiteFreeze: '' }, { despiteFreeze: 7 }])
      assert.equal(await post({ keys: ['k'], ...odd }), 400)
    assert.equal(started, undefined)
  })

  it('tell of schedules and freezes', async () => {
    assert.deepEqual(await get('/api/keys/schedules'), {
      schedules: [],
      freezes: [{ name: 'launch', from: '1970-01-01T00:00:00.000Z' }],
    })
  })
})
