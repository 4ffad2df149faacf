import type { TargetDesk, TargetRow } from '@sallyport/web-replay/app'
import type { Target } from '../route/target.ts'
import type { Rotations } from './rotations.ts'
import type { PlaceState } from './states.ts'

/** Returns the rotations as the page of admins sees them. */
export function createRotationDesk(rotations: Rotations, targets: readonly Target[]): TargetDesk {
  return {
    list: () => rotations.states().map((state) => rowOf(state, targets)),
    async plan(key) {
      const answer = await rotations.plan({ keys: [key] })
      if (answer.kind === 'refused') return answer
      return { kind: 'ok', places: answer.plans.flatMap(({ places }) => places) }
    },
    rotate(key, { issuer, subject, name }) {
      const by = `${name} (${subject} at ${issuer})`
      const answer = rotations.start({ keys: [key] }, { by, stopAfter: 1 })
      return answer.kind === 'refused' ? answer : { kind: 'ok', run: answer.run.id }
    },
  }
}

function rowOf(state: PlaceState, targets: readonly Target[]): TargetRow {
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
