import type { KeyPlace } from './place.ts'
import type { Rotation } from './rotation.ts'
import type { RotationRun } from './run.ts'

/** What was last seen of a place, whether or not a rotation was under way. */
export interface PlaceCheck extends KeyPlace {
  readonly key: string
  readonly version: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly result: 'accepted' | 'refused' | 'failed'
  readonly problem?: string
}

/** All rotations as their file holds them. */
export interface RotationsDocument {
  readonly format: 'sallyport-rotations/1'
  /** Those that have not ended, and the last one of each key. */
  readonly rotations: readonly Rotation[]
  readonly checks: readonly PlaceCheck[]
  /** Those under way, the last ones that ended, and the last one of each schedule. */
  readonly runs: readonly RotationRun[]
}

const phases: readonly unknown[] = ['adding', 'removing', 'withdrawing', 'done', 'withdrawn']
const steps: readonly unknown[] = [
  'waiting',
  'adding',
  'added',
  'verified',
  'removed',
  'proved',
  'withdrawn',
]

/** Returns a document whose shape was checked. Throws an Error that names the first fault. */
export function parseRotationsDocument(value: unknown): RotationsDocument {
  if (!isDocument(value)) throw new Error('is not a list of rotations of this version')
  return value
}

function isDocument(value: unknown): value is RotationsDocument {
  return (
    isRecord(value) &&
    value['format'] === 'sallyport-rotations/1' &&
    isListOf(value['rotations'], isRotation) &&
    isListOf(value['checks'], isCheck) &&
    isListOf(value['runs'], isRun)
  )
}

function isRotation(value: unknown): value is Rotation {
  return (
    hasTexts(value, ['id', 'key', 'by', 'startedAt', 'changedAt']) &&
    isVersion(value['from']) &&
    isVersion(value['to']) &&
    phases.includes(value['phase']) &&
    isListOf(value['places'], (place) => isPlace(place) && steps.includes(place['step']))
  )
}

function isRun(value: unknown): value is RotationRun {
  return (
    hasTexts(value, ['id', 'by', 'startedAt']) &&
    ['running', 'paused', 'stopped', 'cancelled', 'done'].includes(String(value['state'])) &&
    isVersion(value['stopAfter']) &&
    isListOf(value['units'], (unit) => hasTexts(unit, ['key', 'state'])) &&
    ['schedule', 'endedAt'].every((name) => isAbsentOr(value[name], isText)) &&
    isAbsentOr(value['type'], (type) => ['ed25519', 'ecdsa', 'rsa'].includes(String(type))) &&
    isAbsentOr(value['despiteFreeze'], (one) => hasTexts(one, ['reason', 'until']))
  )
}

function isCheck(value: unknown): value is PlaceCheck {
  return (
    isPlace(value) &&
    hasTexts(value, ['key', 'at']) &&
    isVersion(value['version']) &&
    ['accepted', 'refused', 'failed'].includes(String(value['result']))
  )
}

function isPlace(value: unknown): value is Readonly<Record<string, unknown>> {
  return hasTexts(value, ['target', 'login'])
}

function isAbsentOr(value: unknown, is: (one: unknown) => boolean): boolean {
  return value === undefined || is(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function hasTexts(
  value: unknown,
  names: readonly string[],
): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && names.every((name) => typeof value[name] === 'string')
}

function isListOf<T>(value: unknown, is: (one: unknown) => one is T): value is readonly T[]
function isListOf(value: unknown, is: (one: unknown) => boolean): boolean
function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every((one) => is(one))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
