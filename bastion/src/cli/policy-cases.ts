import { z } from 'zod'
import {
  describeIssues,
  readSource,
  type DecisionIdentity,
  type Effect,
  type PolicyProblem,
} from '../decide/index.ts'
import { identitySchema } from './policy-identity.ts'

/** What a policy is expected to decide. */
export interface PolicyCase {
  readonly identity: DecisionIdentity
  readonly target: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly login: string
  readonly at?: string | undefined
  readonly command?: string | undefined
  /** Instead of a command, another request as examples in rules write it. */
  readonly request?: string | undefined
  readonly expect: Effect
  /** The rules by which it is decided, joined by commas. */
  readonly rule?: string | undefined
}

export interface PlacedCase extends PolicyCase {
  /** Where it stands in its file. */
  readonly line: number
}

export type ParsedCases =
  | { readonly kind: 'cases'; readonly cases: readonly PlacedCase[] }
  | { readonly kind: 'invalid'; readonly problems: readonly PolicyProblem[] }

const casesSchema: z.ZodType<readonly PolicyCase[]> = z
  .array(
    z
      .strictObject({
        identity: identitySchema,
        target: z.strictObject({
          name: z.string().min(1),
          labels: z.record(z.string(), z.string()).default({}),
        }),
        login: z.string().default(''),
        at: z.iso.datetime({ offset: true }).optional(),
        command: z.string().optional(),
        request: z.string().optional(),
        expect: z.enum(['allow', 'approve', 'deny']),
        rule: z.string().optional(),
      })
      .refine(
        ({ command, request }) => (command === undefined) !== (request === undefined),
        'give a command or a request',
      ),
  )
  .min(1, 'a file of cases is a list of cases')

/** Returns the cases of a YAML text, or what is wrong with it. */
export function parseCases(yamlText: string): ParsedCases {
  const source = readSource(yamlText)
  if ('kind' in source) return source
  const read = casesSchema.safeParse(source.content)
  if (!read.success) return { kind: 'invalid', problems: describeIssues(source, read.error) }
  const cases = read.data.map((one, at) => ({ ...one, line: source.lineOf([at]) }))
  return { kind: 'cases', cases }
}
