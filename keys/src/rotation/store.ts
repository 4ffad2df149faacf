import { Low } from 'lowdb'
import { acquireWriterLock, DurableJSONFile, removeLeftovers } from '../durable/index.ts'
import { parseRotationsDocument, type PlaceCheck, type RotationsDocument } from './document.ts'
import { hasEnded, type Rotation } from './rotation.ts'
import type { RotationRun } from './run.ts'

/** Runs that are kept when they have ended. */
const KEPT_RUNS = 16

/** The rotations of one data folder, and when each place was last looked at. */
export interface RotationStore {
  list(): readonly Rotation[]
  /** Returns the last rotation of a key. */
  ofKey(key: string): Rotation | undefined
  checks(): readonly PlaceCheck[]
  /** On the disk when the promise resolves. */
  save(rotation: Rotation): Promise<void>
  runs(): readonly RotationRun[]
  saveRun(run: RotationRun): Promise<void>
  saveChecks(checks: readonly PlaceCheck[]): Promise<void>
  close(): Promise<void>
}

/** Opens the file of rotations, which is made with its first change. Throws what the durable files throw. */
export async function openRotationStore(options: {
  readonly file: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}): Promise<RotationStore> {
  const { file, now } = options
  const lock = acquireWriterLock(file, { now })
  try {
    await removeLeftovers(file)
    const adapter = new DurableJSONFile<RotationsDocument>(file, { parse: parseRotationsDocument })
    const blank: RotationsDocument = {
      format: 'sallyport-rotations/1',
      rotations: [],
      checks: [],
      runs: [],
    }
    const low = new Low<RotationsDocument>(adapter, (await adapter.read()) ?? blank)
    return createStore(low, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

function createStore(low: Low<RotationsDocument>, release: () => void): RotationStore {
  let last: Promise<void> = Promise.resolve()
  const change = (make: (before: RotationsDocument) => RotationsDocument): Promise<void> => {
    const run = last.then(async () => {
      const before = low.data
      low.data = make(before)
      try {
        await low.write()
      } catch (error) {
        low.data = before
        throw error
      }
    })
    last = run.catch(() => {})
    return run
  }
  return {
    list: () => low.data.rotations,
    ofKey: (key) => low.data.rotations.findLast((rotation) => rotation.key === key),
    checks: () => low.data.checks,
    runs: () => low.data.runs,
    saveRun: (run) => change((before) => ({ ...before, runs: withRun(before.runs, run) })),
    save: (rotation) =>
      change((before) => ({ ...before, rotations: withRotation(before.rotations, rotation) })),
    saveChecks: (checks) =>
      change((before) => ({ ...before, checks: withChecks(before.checks, checks) })),
    close: async () => {
      await last
      release()
    },
  }
}

function withRotation(rotations: readonly Rotation[], rotation: Rotation): readonly Rotation[] {
  const others = rotations.filter(
    (one) => one.id !== rotation.id && (one.key !== rotation.key || !hasEnded(one)),
  )
  return [...others, rotation]
}

// A schedule goes by what became of its last run.
function withRun(before: readonly RotationRun[], run: RotationRun): readonly RotationRun[] {
  const runs = [...before.filter(({ id }) => id !== run.id), run]
  const underWay = (one: RotationRun): boolean => one.state === 'running' || one.state === 'paused'
  const ended = new Set(runs.filter((one) => !underWay(one)).slice(-KEPT_RUNS))
  const latest = new Map(runs.map((one) => [one.schedule, one]))
  return runs.filter(
    (one) =>
      underWay(one) ||
      ended.has(one) ||
      (one.schedule !== undefined && latest.get(one.schedule) === one),
  )
}

function withChecks(
  before: readonly PlaceCheck[],
  added: readonly PlaceCheck[],
): readonly PlaceCheck[] {
  const nameOf = ({ target, login }: PlaceCheck): string => `${login}@${target}`
  const names = new Set(added.map(nameOf))
  return [...before.filter((one) => !names.has(nameOf(one))), ...added]
}
