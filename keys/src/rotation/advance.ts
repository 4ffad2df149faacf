import { nameOf, PlaceError, type KeyPlace, type OpenPlace } from './place.ts'
import { hasEnded, type PlaceProgress, type PlaceStep, type Rotation } from './rotation.ts'

/** What a rotation acts on. Each call may fail, and the whole may stop after any of them. */
export interface RotationWorld {
  /** The version that new logins use. */
  active(): number
  activate(version: number): Promise<void>
  publicKeyLine(version: number): string
  /** Logs in with a version. Throws PlaceError. */
  open(place: KeyPlace, version: number): Promise<OpenPlace>
  /** Logs in as an agent's session does, and leaves. Throws PlaceError when neither answer was given. */
  tryLogin(place: KeyPlace, version: number): Promise<'accepted' | 'refused'>
  /** Writes the rotation down; it is on the disk when the promise resolves. */
  save(rotation: Rotation): Promise<void>
  /** ISO 8601, UTC. */
  now(): string
}

/**
 * Takes a rotation as far as it goes, and returns it: ended, or with the problem that keeps it. Each step is written down
 * before the next act at a target, so that it can be stopped anywhere and advanced again. At every moment the active
 * version is one that was logged in with at all places.
 */
export async function advance(rotation: Rotation, world: RotationWorld): Promise<Rotation> {
  if (hasEnded(rotation)) return rotation
  const next = await phases[rotation.phase](rotation, world)
  return next.phase === rotation.phase ? next : advance(next, world)
}

const unchanged = (rotation: Rotation): Promise<Rotation> => Promise.resolve(rotation)

const phases = {
  adding: addAll,
  removing: removeAll,
  withdrawing: withdrawAll,
  done: unchanged,
  withdrawn: unchanged,
} as const

async function addAll(rotation: Rotation, world: RotationWorld): Promise<Rotation> {
  const { from, to } = rotation
  let now = rotation
  // It stopped between the two writes that make the new version the active one.
  if (world.active() !== to) {
    for (const at of now.places.keys()) {
      const outcome = await addAt(now, at, world)
      now = outcome.rotation
      if (outcome.problem !== undefined)
        return save(world, { ...now, phase: 'withdrawing', problem: outcome.problem })
    }
    if (world.active() !== from)
      return save(world, {
        ...now,
        phase: 'withdrawing',
        problem: `another version of ${now.key} was made the active one meanwhile`,
      })
    await world.activate(to)
  }
  return save(world, { ...now, phase: 'removing' })
}

interface Outcome {
  readonly rotation: Rotation
  readonly problem?: string
}

async function addAt(rotation: Rotation, at: number, world: RotationWorld): Promise<Outcome> {
  const { from, to } = rotation
  const place = placeAt(rotation, at)
  let now = rotation
  const step = (next: PlaceStep): Promise<void> =>
    save(world, withStep(now, at, next)).then((saved) => {
      now = saved
    })
  try {
    if (place.step === 'waiting' || place.step === 'adding') {
      const open = await world.open(place, from)
      try {
        await step('adding')
        await open.add(world.publicKeyLine(to), world.publicKeyLine(from))
      } finally {
        open.close()
      }
      await step('added')
    }
    if (placeAt(now, at).step === 'added') {
      if ((await world.tryLogin(place, to)) === 'refused')
        throw new PlaceError('refused', 'the new key is not accepted, although it was added')
      await step('verified')
    }
    return { rotation: now }
  } catch (error) {
    if (!(error instanceof PlaceError)) throw error
    return { rotation: now, problem: `${nameOf(place)}: ${error.message}` }
  }
}

async function removeAll(rotation: Rotation, world: RotationWorld): Promise<Rotation> {
  const { from, to } = rotation
  if (world.active() !== to) return overtaken(rotation, world)
  const oldKey = world.publicKeyLine(from)
  const newKey = world.publicKeyLine(to)
  const settled = await eachPlace(rotation, world, 'proved', async (place, step) => {
    if (place.step !== 'removed') {
      await remove(world, place, to, oldKey, newKey)
      await step('removed')
    }
    if ((await world.tryLogin(place, from)) === 'accepted')
      throw new PlaceError(
        'unsuitable',
        'the old key is still accepted: it stands somewhere else too, or something put it back',
      )
    return 'proved'
  })
  return settled.problem === undefined ? save(world, { ...settled, phase: 'done' }) : settled
}

async function withdrawAll(rotation: Rotation, world: RotationWorld): Promise<Rotation> {
  const { from, to, problem: why } = rotation
  if (world.active() !== from) return overtaken(rotation, world)
  const oldKey = world.publicKeyLine(from)
  const newKey = world.publicKeyLine(to)
  const settled = await eachPlace(rotation, world, 'withdrawn', async (place) => {
    if (place.step !== 'waiting') await remove(world, place, from, newKey, oldKey)
    return 'withdrawn'
  })
  const left = settled.places.some(({ step }) => step !== 'withdrawn')
  const kept = why === undefined ? settled : { ...settled, problem: why }
  return left ? kept : save(world, { ...kept, phase: 'withdrawn' })
}

async function remove(
  world: RotationWorld,
  place: KeyPlace,
  version: number,
  removed: string,
  keep: string,
): Promise<void> {
  const open = await world.open(place, version)
  try {
    await open.remove(removed, keep)
  } finally {
    open.close()
  }
}

function overtaken(rotation: Rotation, world: RotationWorld): Promise<Rotation> {
  const problem = `version ${world.active()} of ${rotation.key} was made the active one meanwhile`
  return save(world, { ...rotation, problem })
}

/** Does what is left at each place; one that fails keeps no other one. */
async function eachPlace(
  rotation: Rotation,
  world: RotationWorld,
  last: PlaceStep,
  act: (place: PlaceProgress, step: (step: PlaceStep) => Promise<void>) => Promise<PlaceStep>,
): Promise<Rotation> {
  let now = rotation
  const problems: string[] = []
  for (const at of rotation.places.keys()) {
    const place = placeAt(rotation, at)
    if (place.step === last) continue
    const step = async (next: PlaceStep): Promise<void> => {
      now = await save(world, withStep(now, at, next))
    }
    try {
      await step(await act(place, step))
    } catch (error) {
      if (!(error instanceof PlaceError)) throw error
      problems.push(`${nameOf(place)}: ${error.message}`)
      now = withProblem(now, at, error.message)
    }
  }
  const { problem: _, ...clean } = now
  return problems.length === 0 ? clean : save(world, { ...clean, problem: problems.join('; ') })
}

function placeAt({ places }: Rotation, at: number): PlaceProgress {
  const place = places[at]
  if (place === undefined) throw new RangeError(`there is no place ${at}`)
  return place
}

function withStep(rotation: Rotation, at: number, step: PlaceStep): Rotation {
  const { target, login } = placeAt(rotation, at)
  return { ...rotation, places: rotation.places.with(at, { target, login, step }) }
}

function withProblem(rotation: Rotation, at: number, problem: string): Rotation {
  const { target, login, step } = placeAt(rotation, at)
  return { ...rotation, places: rotation.places.with(at, { target, login, step, problem }) }
}

async function save(world: RotationWorld, rotation: Rotation): Promise<Rotation> {
  const saved = { ...rotation, changedAt: world.now() }
  await world.save(saved)
  return saved
}
