export { createChanges, type Changes } from './changes.ts'
export { createRotationDesk } from './desk.ts'
export { startFleet } from './fleet.ts'
export type { Fleet, FleetParts } from './fleet.ts'
export type { PlaceAccess } from './open-place.ts'
export type { Selection } from './places.ts'
export { rotateKey } from './rotate-key.ts'
export type { KeyOutcome, PlacePlan, RotateParts } from './rotate-key.ts'
export { createRotations } from './rotations.ts'
export type { Answer, KeyPlan, Rotations, RotationsParts, StartOptions } from './rotations.ts'
export type { RunView } from './run-view.ts'
export {
  createSchedules,
  lookMinutely,
  type NextRotation,
  type Schedule,
  type ScheduleParts,
  type Schedules,
  type ScheduleView,
} from './schedule/index.ts'
export type { PlaceState } from './states.ts'
export { verifyNightly } from './nightly.ts'
