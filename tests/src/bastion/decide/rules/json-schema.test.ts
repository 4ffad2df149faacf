import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { policyJsonSchema } from '@sallyport/bastion/decide'
import { conforms } from './conforms.ts'

const docs = new URL('../../../../../docs/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, docs), 'utf8')

describe('the JSON Schema of policies', () => {
  const schema = policyJsonSchema()
  const fits = (value: unknown): boolean => conforms(schema, value, schema)
  const rule = (fields: string): boolean => fits(parse(`{version: 1, rules: [{id: a, ${fields}}]}`))

  it('is the one in docs', () => {
    const committed: unknown = JSON.parse(read('policy.schema.json'))
    const again: unknown = JSON.parse(JSON.stringify(schema))
    assert.deepEqual(committed, again, 'run: npx sallyport policy schema > docs/policy.schema.json')
    assert.equal(schema['$schema'], 'https://json-schema.org/draft/2020-12/schema')
    assert.equal(schema['$id'], 'urn:sallyport:policy:1')
  })

  it('takes the example policy', () => {
    assert.equal(fits(parse(read('policy.example.yaml'))), true)
  })

  it('takes one subject and no key that it does not know', () => {
    assert.equal(rule('effect: allow, agent: true'), true)
    assert.equal(rule('effect: approve, approve: {by: {groups: [x]}}, run: {argv: [x]}'), true)
    for (const fields of [
      'effect: allow',
      'effect: maybe, agent: true',
      'effect: allow, agent: true, x11: true',
      'effect: allow, agent: true, colour: red',
      'effect: allow, agent: true, approve: {by: {groups: [x]}}',
      'effect: approve, run: {argv: [x]}',
      'effect: allow, run: {argv: []}',
      'effect: allow, run: {argv: [{blob: x}]}',
      'effect: allow, shell: {pty: perhaps}',
    ])
      assert.equal(rule(fields), false, fields)
    assert.equal(fits({ rules: [] }), false)
    assert.equal(fits({ version: 2, rules: [] }), false)
  })
})
