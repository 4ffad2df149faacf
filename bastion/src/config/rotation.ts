import { z } from 'zod'
import { readSpan, type FreezeEntry } from '../calendar/index.ts'
import { readWindow, weekdays, type WhenPattern } from '../decide/match/index.ts'
import { whenSchema } from '../decide/rules/when.ts'
import { select } from '../rotate/places.ts'
import type { Config } from './config.ts'
import { name } from './name.ts'

/** When keys are rotated without anybody asking, and when none is. */
export interface RotationsEntry {
  readonly schedules: readonly ScheduleEntry[]
  readonly freezes: readonly FreezeEntry[]
}

/** Keys that are rotated by themselves once they are old; spans are seconds. */
export interface ScheduleEntry {
  readonly name: string
  /** The age of a key's version in use at which it is rotated. */
  readonly every: number
  /** What is added to the age at most, another part of it for each key. */
  readonly jitter: number
  /** Failures after which a run begins no further key. */
  readonly stopAfter: number
  readonly type: 'ed25519' | 'ecdsa' | 'rsa'
  /** When it may begin. */
  readonly hours?: WhenPattern | undefined
  readonly keys?: readonly string[] | undefined
  readonly targets?: readonly string[] | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

const HOUR = 3600
const names = z.array(z.string()).min(1).optional()

const span = z.string().transform((text, context): number => {
  const seconds = readSpan(text)
  if (seconds !== undefined) return seconds
  context.addIssue({ code: 'custom', message: 'a span is written 90m, 12h, 30d or 4w' })
  return z.NEVER
})

const schedule = z
  .strictObject({
    name,
    every: span.refine((seconds) => seconds >= HOUR, 'at least 1h'),
    jitter: span.prefault('1h'),
    stopAfter: z.int().min(1).max(1000).default(3),
    type: z.enum(['ed25519', 'ecdsa', 'rsa']).default('ed25519'),
    hours: whenSchema.optional(),
    keys: names,
    targets: names,
    labels: z.record(z.string(), z.string()).optional(),
  })
  .refine(({ every, jitter }) => jitter <= every, {
    path: ['jitter'],
    message: 'no longer than every',
  })
  .refine(({ keys, targets, labels }) => keys === undefined || !(targets ?? labels), {
    path: ['keys'],
    message: 'either keys, or targets and labels',
  })

const moment = z.iso.datetime({
  offset: true,
  error: 'a date and time with its offset, as 2026-12-20T00:00:00+01:00',
})

const freeze = z
  .strictObject({
    name,
    weekly: whenSchema.refine(endsSometime, 'this freeze never ends').optional(),
    from: moment.optional(),
    until: moment.optional(),
  })
  .transform(({ name: called, weekly, from, until }, context): FreezeEntry => {
    if (weekly !== undefined && from === undefined && until === undefined)
      return { name: called, weekly }
    if (weekly === undefined && from !== undefined && until !== undefined) {
      if (Date.parse(from) < Date.parse(until)) return { name: called, from, until }
      context.addIssue({ code: 'custom', path: ['until'], message: 'not after from' })
      return z.NEVER
    }
    context.addIssue({ code: 'custom', message: 'needs either weekly, or both from and until' })
    return z.NEVER
  })

export const rotationsSchema: z.ZodType<RotationsEntry> = z
  .strictObject({
    schedules: z.array(schedule).max(64).default([]),
    freezes: z.array(freeze).max(64).default([]),
  })
  .prefault({})

/** What no single field of the rotations shows. */
export function rotationProblems({ targets, rotation }: Config): readonly string[] {
  return rotation.schedules.flatMap((one) => {
    const found = select(targets, one)
    // Targets that fit may come later.
    if (found.kind === 'selected' || found.reason === 'nothing') return []
    return [`rotation.schedules.${one.name}: ${found.message}`]
  })
}

function endsSometime({ days = weekdays, between }: WhenPattern): boolean {
  const [first, end] = (between === undefined ? undefined : readWindow(between)) ?? [0, 24 * 60]
  return days.length < weekdays.length || end - first < 24 * 60
}
