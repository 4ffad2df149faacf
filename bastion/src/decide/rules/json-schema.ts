import { z } from 'zod'
import { ruleSubjects } from './document.ts'
import { policySchema, ruleSchema } from './schema.ts'

/**
 * Returns the JSON Schema of a policy file, for editors. It knows the shape alone: what `policy check`
 * finds beyond that, such as a pattern that matches nothing, it cannot say.
 */
export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...policy } = z.toJSONSchema(policySchema, { io: 'input' })
  const { $schema: _repeated, ...rule } = z.toJSONSchema(ruleSchema, { io: 'input' })
  return {
    $schema,
    $id: 'urn:sallyport:policy:1',
    title: 'Sallyport policy',
    ...policy,
    properties: { ...policy.properties, rules: { type: 'array', items: { $ref: '#/$defs/rule' } } },
    $defs: {
      rule: {
        ...rule,
        oneOf: ruleSubjects.map((subject) => ({ required: [subject] })),
        anyOf: [
          { properties: { effect: { const: 'approve' } }, required: ['approve'] },
          { properties: { effect: { enum: ['allow', 'deny'] }, approve: false } },
        ],
      },
    },
  }
}
