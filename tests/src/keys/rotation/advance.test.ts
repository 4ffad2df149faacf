import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import {
  advance,
  hasEnded,
  PlaceError,
  type KeyPlace,
  type OpenPlace,
  type Rotation,
  type RotationWorld,
} from '@sallyport/keys/rotation'

class Crash extends Error {}

/** Targets, a vault and a disk, of which any act may be the last one before a crash. */
class World implements RotationWorld {
  /** The versions that each place lets in, as its login and target. */
  readonly doors: Map<string, Set<number>>
  #active = 1
  disk: Rotation
  /** Acts until a crash; none when it is negative. */
  fuse = -1
  readonly broken = new Set<string>()
  /** Places that let the old version in whatever is removed. */
  readonly stubborn = new Set<string>()
  acts = 0

  constructor(places: readonly KeyPlace[]) {
    this.doors = new Map(places.map(({ target }) => [target, new Set([1])]))
    this.disk = {
      id: 'r',
      key: 'k',
      from: 1,
      to: 2,
      phase: 'adding',
      places: places.map((place) => ({ ...place, step: 'waiting' })),
      by: 'ann',
      startedAt: '',
      changedAt: '',
    }
  }

  active(): number {
    return this.#active
  }

  async activate(version: number): Promise<void> {
    await this.#act(() => {
      this.#active = version
    })
  }

  publicKeyLine(version: number): string {
    return String(version)
  }

  open({ target }: KeyPlace, version: number): Promise<OpenPlace> {
    return this.#act(() => {
      this.#enter(target, version)
      const door = this.#door(target)
      return {
        inspect: () => Promise.resolve({ found: [], problems: [], warnings: [] }),
        add: (added) => this.#act(() => void door.add(Number(added))),
        remove: (removed, keep) =>
          this.#act(() => {
            if (!door.has(Number(keep))) throw new PlaceError('unsuitable', 'it would lock us out')
            door.delete(Number(removed))
          }),
        close: () => {},
      }
    })
  }

  tryLogin({ target }: KeyPlace, version: number): Promise<'accepted' | 'refused'> {
    return this.#act(() => {
      if (this.broken.has(target)) throw new PlaceError('unreachable', 'down')
      if (this.stubborn.has(target) && version === 1) return 'accepted'
      return this.#door(target).has(version) ? 'accepted' : 'refused'
    })
  }

  save(rotation: Rotation): Promise<void> {
    return this.#act(() => {
      this.disk = rotation
    })
  }

  now(): string {
    return ''
  }

  #door(target: string): Set<number> {
    return this.doors.get(target) ?? new Set()
  }

  #enter(target: string, version: number): void {
    if (this.broken.has(target)) throw new PlaceError('unreachable', 'down')
    if (!this.#door(target).has(version)) throw new PlaceError('refused', 'no')
  }

  // A crash comes before an act or right after it, when nobody has heard yet that it was done.
  async #act<T>(run: () => T): Promise<T> {
    this.acts += 1
    if (this.fuse === 0) throw new Crash()
    this.fuse -= 1
    await Promise.resolve()
    const result = run()
    this.check()
    if (this.fuse === 0) throw new Crash()
    this.fuse -= 1
    return result
  }

  /** Whatever has happened: the active version lets in everywhere. */
  check(): void {
    for (const [target, door] of this.doors)
      assert.ok(door.has(this.#active), `locked out of ${target}`)
  }
}

const placesOf = (count: number): readonly KeyPlace[] =>
  Array.from({ length: count }, (_, at) => ({ target: `t${at}`, login: 'deploy' }))

async function untilEnd(world: World, crashes: readonly number[]): Promise<Rotation> {
  for (const fuse of crashes) {
    world.fuse = fuse
    try {
      const ended = await advance(world.disk, world)
      world.fuse = -1
      return ended
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }
  world.fuse = -1
  return advance(world.disk, world)
}

const doorsOf = (world: World): readonly (readonly number[])[] =>
  [...world.doors.values()].map((door) => [...door])

describe('a rotation', () => {
  it('ends with exactly the new version everywhere, wherever it is stopped', async () => {
    const calm = new World(placesOf(3))
    await advance(calm.disk, calm)
    assert.deepEqual(doorsOf(calm), [[2], [2], [2]])
    for (let fuse = 0; fuse < 2 * calm.acts; fuse += 1) {
      const world = new World(placesOf(3))
      const ended = await untilEnd(world, [fuse])
      assert.equal(ended.phase, 'done', `stopped at ${fuse}`)
      assert.equal(world.active(), 2)
      assert.deepEqual(doorsOf(world), [[2], [2], [2]], `stopped at ${fuse}`)
    }
  })

  it('locks nobody out, whatever breaks and stops in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 6 }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
        async (count, crashes, broken) => {
          const world = new World(placesOf(count))
          for (const [turn, fuse] of crashes.entries()) {
            const at = broken[turn]
            if (at !== undefined) world.broken.add(`t${at}`)
            await untilEnd(world, [fuse]).catch(() => {})
            world.broken.clear()
          }
          const ended = await untilEnd(world, [])
          assert.ok(hasEnded(ended), JSON.stringify(ended))
          const left = ended.phase === 'done' ? 2 : 1
          assert.equal(world.active(), left)
          for (const door of doorsOf(world)) assert.deepEqual(door, [left])
        },
      ),
      { numRuns: 400 },
    )
  })

  it('takes the new version back where one place cannot have it', async () => {
    const world = new World(placesOf(3))
    world.broken.add('t2')
    const ended = await advance(world.disk, world)
    assert.equal(ended.phase, 'withdrawn')
    assert.equal(ended.problem, 'deploy@t2: down')
    assert.deepEqual(doorsOf(world), [[1], [1], [1]])
  })

  it('keeps both versions while a place with the old one cannot be reached', async () => {
    const world = new World(placesOf(2))
    const activate = world.activate.bind(world)
    world.activate = async (version) => {
      await activate(version)
      world.broken.add('t1')
    }
    const stopped = await advance(world.disk, world)
    assert.equal(stopped.phase, 'removing')
    assert.equal(stopped.problem, 'deploy@t1: down')
    assert.deepEqual(doorsOf(world), [[2], [1, 2]])
    world.broken.clear()
    const ended = await advance(world.disk, world)
    assert.equal(ended.phase, 'done')
    assert.equal(ended.problem, undefined)
    assert.deepEqual(doorsOf(world), [[2], [2]])
  })

  it('does not end where the old version is still let in', async () => {
    const world = new World(placesOf(1))
    world.stubborn.add('t0')
    const stopped = await advance(world.disk, world)
    assert.equal(stopped.phase, 'removing')
    assert.match(stopped.problem ?? '', /deploy@t0: the old key is still accepted/)
    assert.match(stopped.places[0]?.problem ?? '', /still accepted/)
    world.stubborn.clear()
    assert.equal((await advance(world.disk, world)).phase, 'done')
  })

  it('goes no further once somebody has made another version the active one', async () => {
    const world = new World(placesOf(1))
    for (const door of world.doors.values()) door.add(3)
    await world.activate(3)
    const ended = await advance(world.disk, world)
    assert.equal(ended.phase, 'withdrawing')
    assert.match(ended.problem ?? '', /version 3 of k was made the active one/)
    assert.deepEqual(doorsOf(world), [[1, 3, 2]])
  })
})
