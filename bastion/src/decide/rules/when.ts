import { z } from 'zod'
import { isTimeZone, readWindow, weekdays, type WhenPattern } from '../match/index.ts'

/** The days and hours in which a rule holds. */
export const whenSchema: z.ZodType<WhenPattern> = z
  .strictObject({
    days: z
      .array(z.enum(weekdays))
      .min(1, 'an empty list is no day')
      .refine((days) => new Set(days).size === days.length, 'a day stands here twice')
      .optional(),
    between: z
      .string()
      .refine((text) => readWindow(text) !== undefined, 'hours are written "08:00-18:00"')
      .refine((text) => isNotEmpty(readWindow(text)), 'this window is empty')
      .optional(),
    tz: z.string().refine(isTimeZone, 'not a time zone that is known here'),
  })
  .refine(
    ({ days, between }) => days !== undefined || between !== undefined,
    'give days, between or both',
  )

function isNotEmpty(window: readonly [number, number] | undefined): boolean {
  return window === undefined || window[0] !== window[1]
}
