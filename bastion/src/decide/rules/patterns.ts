import { z } from 'zod'
import {
  type EndpointPattern,
  type EnvironmentPattern,
  isDangerousVariable,
  refusePattern,
  type NamePattern,
  type OptionPattern,
  type RunPattern,
  type ValuePattern,
  type WherePattern,
  type WhoPattern,
  type WordPattern,
} from '../match/index.ts'
import type { ForwardPattern } from './document.ts'

const text = z.string().min(1, 'an empty text matches nothing')

export const glob: z.ZodType<string> = text
  .refine((pattern) => !pattern.includes('**'), '** is only understood in a path')
  .refine((pattern) => !/[[\]{}\\]/.test(pattern), 'a glob knows only * and ?')

export const path: z.ZodType<string> = text
  .refine((pattern) => pattern.startsWith('/'), 'a path pattern begins with /')
  .refine((pattern) => !/[[\]{}\\]/.test(pattern), 'a path pattern knows only **, * and ?')
  .refine((pattern) => !pattern.split('/').includes('..'), 'a path pattern cannot hold ..')
  .refine(
    (pattern) => pattern.split('/').every((part) => part === '**' || !part.includes('**')),
    '** stands alone between slashes',
  )

function orderedPair(low: number, high: number): z.ZodType<readonly [number, number]> {
  const bound = z.int().min(low).max(high)
  return z
    .tuple([bound, bound])
    .refine(([first, last]) => first <= last, 'the first number is above the last')
}

const expression = text.check(({ value, issues }) => {
  const refused = refusePattern(value)
  if (refused !== undefined)
    issues.push({ code: 'custom', input: value, message: `not a usable expression: ${refused}` })
})

const words = z.array(text).min(1, 'an empty list matches nothing')

/** One word of a command. */
export const wordSchema: z.ZodType<WordPattern> = z.union(
  [
    z.string(),
    z
      .strictObject({
        oneOf: words.optional(),
        glob: glob.optional(),
        path: path.optional(),
        int: orderedPair(-999_999_999_999, 999_999_999_999).optional(),
        re: expression.optional(),
        any: z.literal(true).optional(),
      })
      .refine(
        (pattern) => Object.keys(pattern).length === 1,
        'give exactly one of oneOf, glob, path, int, re, any',
      ),
  ],
  {
    error: 'expected a word (quote numbers) or one of {oneOf}, {glob}, {path}, {int}, {re}, {any}',
  },
)

const optionName = z
  .string()
  .regex(/^(?:-[^-\s=]\S*|--[^\s=-][^\s=]*)$/, 'an option is written -x, -word or --word')

const optionSchema: z.ZodType<OptionPattern> = z.union(
  [
    optionName,
    z
      .record(optionName, wordSchema)
      .refine((pattern) => Object.keys(pattern).length === 1, 'give one option per item'),
  ],
  { error: 'expected an option, or {option: what its value must be}' },
)

export const runSchema: z.ZodType<RunPattern> = z.strictObject({
  as: z.array(text).min(1, 'an empty list matches nothing').optional(),
  clean_env: z.literal(true).optional(),
  argv: z.array(wordSchema).min(1, 'argv needs a program'),
  options: z.array(optionSchema).optional(),
  rest: z
    .union(
      [
        z.literal('any'),
        z.strictObject({ each: wordSchema, max: z.int().min(1).max(255).optional() }),
      ],
      { error: 'expected any, or {each, max}' },
    )
    .optional(),
  stdin: z.enum(['pipe', 'client', 'any']).optional(),
  redirects: z
    .strictObject({ read: z.array(path).optional(), write: z.array(path).optional() })
    .optional(),
})

const nameSchema: z.ZodType<NamePattern> = z.union([text, z.strictObject({ glob })], {
  error: 'expected a name or {glob}',
})
const names = z.array(nameSchema).min(1, 'an empty list matches nothing')

// A larger number was already rounded when the file was read.
const scalar = z.union([z.string(), z.int(), z.boolean()], {
  error: 'expected a text, a whole number or a boolean (quote other values)',
})
const valueSchema: z.ZodType<ValuePattern> = z.union(
  [scalar, z.array(scalar).min(1, 'an empty list matches nothing'), z.strictObject({ glob })],
  { error: 'expected a value, a list of values or {glob} (quote large numbers)' },
)

function stating<T extends object>(schema: z.ZodType<T>): z.ZodType<T> {
  return schema.refine(
    (conditions) => Object.values(conditions).some((condition) => condition !== undefined),
    'an empty condition would hold for everyone; leave it out',
  )
}

const values = stating(z.record(text, valueSchema))

export const whoSchema: z.ZodType<WhoPattern> = stating(
  z.strictObject({
    groups: names.optional(),
    identities: names.optional(),
    claims: values.optional(),
  }),
)

export const whereSchema: z.ZodType<WherePattern> = stating(
  z.strictObject({
    targets: names.optional(),
    logins: names.optional(),
    labels: values.optional(),
  }),
)

const endpointSchema: z.ZodType<EndpointPattern> = z.strictObject({
  host: z.union(
    [
      z.string(),
      z
        .strictObject({ glob: glob.optional(), any: z.literal(true).optional() })
        .refine((pattern) => Object.keys(pattern).length === 1, 'give exactly one of glob, any'),
    ],
    { error: 'expected a host, {glob} or {any: true}' },
  ),
  ports: z.union(
    [
      z.literal('any'),
      z
        .array(z.union([z.int().min(0).max(65_535), orderedPair(1, 65_535)]))
        .min(1, 'an empty list matches nothing'),
    ],
    { error: 'expected any, or a list of ports and [first, last] pairs' },
  ),
})

export const forwardSchema: z.ZodType<ForwardPattern> = stating(
  z.strictObject({
    local: z.array(endpointSchema).min(1).optional(),
    remote: z.array(endpointSchema).min(1).optional(),
    streamlocal: z.array(path).min(1).optional(),
    remote_streamlocal: z.array(path).min(1).optional(),
  }),
)

export const environmentSchema: z.ZodType<Readonly<Record<string, EnvironmentPattern>>> = stating(
  z.record(
    z
      .string()
      .refine((name) => !isDangerousVariable(name), 'no rule can let this variable through'),
    z.union([glob, z.strictObject({ any: z.literal(true) })], {
      error: 'expected a glob or {any: true}',
    }),
  ),
)
