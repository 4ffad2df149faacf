import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parsePolicy } from '@sallyport/bastion/decide'

interface Example {
  readonly kind: string
  readonly line: number
  readonly text: string
}

/** The fenced YAML of a document; the word after `yaml` says what it is a part of. */
function examplesOf(markdown: string): readonly Example[] {
  return [...markdown.matchAll(/^```yaml(?: (\w+))?\n(.*?)^```$/gms)].map((found) => ({
    kind: found[1] ?? 'policy',
    line: markdown.slice(0, found.index).split('\n').length,
    text: found[2] ?? '',
  }))
}

function wrap({ kind, text }: Example): string {
  if (kind === 'policy') return text
  const indented = text.trimEnd().replaceAll('\n', '\n    ')
  return `version: 1\nrules:\n  - ${indented}\n`
}

describe('docs/policy.md', () => {
  const file = new URL('../../../../docs/policy.md', import.meta.url)
  const examples = examplesOf(readFileSync(file, 'utf8'))

  it('has only examples that say what they are', () => {
    const kinds = examples.map(({ kind }) => kind)
    assert.deepEqual([...new Set(kinds)].toSorted(), ['cases', 'policy', 'rule'])
    assert.ok(kinds.length > 15)
  })

  for (const example of examples.filter(({ kind }) => kind !== 'cases'))
    it(`line ${example.line} is a policy that loads`, () => {
      const parsed = parsePolicy(wrap(example))
      assert.deepEqual(parsed.kind === 'invalid' ? parsed.problems : [], [])
    })
})

describe('the other policies in docs', () => {
  const folder = new URL('../../../../docs/', import.meta.url)
  const files = examplesOf(readFileSync(new URL('policy-files.md', folder), 'utf8'))
  const texts = [
    ...files.map(({ line, text }) => ({ name: `policy-files.md, line ${line},`, text })),
    ...['policy.ci.yaml', 'policy.example.yaml'].map((name) => ({
      name,
      text: readFileSync(new URL(name, folder), 'utf8'),
    })),
  ]
  for (const { name, text } of texts)
    it(`${name} is a policy that loads`, () => {
      const parsed = parsePolicy(text)
      assert.deepEqual(parsed.kind === 'invalid' ? parsed.problems : [], [])
    })
})
