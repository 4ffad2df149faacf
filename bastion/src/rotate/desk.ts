import type { RotationRun } from '@sallyport/keys/rotation'
import type { NextRow, RunRow, TargetDesk, TargetRow } from '@sallyport/web-replay/app'
import type { Target } from '../route/target.ts'
import type { Rotations } from './rotations.ts'
import type { NextRotation } from './schedule/index.ts'
import type { PlaceState } from './states.ts'

/** Returns the rotations as the page of admins sees them. */
export function createRotationDesk(rotations: Rotations, targets: readonly Target[]): TargetDesk {
  return {
    list() {
      const runs = lastRuns(rotations.runs())
      return rotations.states().map((state) => ({
        ...rowOf(state, targets),
        run: runs.get(state.key),
        next: nextOf(state.next),
      }))
    },
    frozen: () => rotations.frozen(),
    subscribe: (callback) => rotations.changes.subscribe(callback),
    async plan(key) {
      const answer = await rotations.plan({ keys: [key] })
      if (answer.kind === 'refused') return answer
      return { kind: 'ok', places: answer.plans.flatMap(({ places }) => places) }
    },
    async rotate(key, { issuer, subject, name }) {
      const by = `${name} (${subject} at ${issuer})`
      const answer = await rotations.start({ keys: [key] }, { by, stopAfter: 1 })
      return answer.kind === 'refused' ? answer : { kind: 'ok', run: answer.run.id }
    },
  }
}

/** Returns what became of each key in the last run that it was in. */
function lastRuns(runs: readonly RotationRun[]): ReadonlyMap<string, RunRow> {
  const rows = new Map<string, RunRow>()
  const sorted = runs.toSorted(
    (one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt),
  )
  for (const { id, by, state, units } of sorted)
    for (const unit of units) {
      const isWaiting = unit.state === 'waiting' && state === 'running'
      rows.set(unit.key, {
        id,
        by,
        isUnderWay: isWaiting || unit.state === 'running',
        state: unit.state,
        ...(unit.problem === undefined ? {} : { problem: unit.problem }),
      })
    }
  return rows
}

function nextOf(next: NextRotation | undefined): NextRow | undefined {
  if (next === undefined) return undefined
  const { schedule, due, begins, blocked } = next
  return {
    schedule,
    ...(due === undefined ? {} : { due: Date.parse(due) }),
    ...(begins === undefined ? {} : { begins: Date.parse(begins) }),
    ...(blocked === undefined ? {} : { blocked }),
  }
}

function rowOf(state: PlaceState, targets: readonly Target[]): Omit<TargetRow, 'run' | 'next'> {
  const { target, login, key, version, createdAt, fingerprint, check, rotation } = state
  return {
    target,
    login,
    labels: targets.find(({ name }) => name === target)?.labels ?? {},
    key,
    version,
    createdAt: Date.parse(createdAt),
    fingerprint,
    seen: check && {
      at: Date.parse(check.at),
      result: check.result,
      ...(check.problem === undefined ? {} : { problem: check.problem }),
    },
    rotation: rotation && {
      phase: rotation.phase,
      changedAt: Date.parse(rotation.changedAt),
      places: rotation.places,
      ...(rotation.problem === undefined ? {} : { problem: rotation.problem }),
    },
  }
}
