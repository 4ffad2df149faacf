import assert from 'node:assert/strict'
import { scopeRules } from '@sallyport/bastion/config'

const TARGETS = [
  { name: 'shop-1', labels: { team: 'shop', env: 'prod' } },
  { name: 'shop-2', labels: { team: 'shop', env: 'test' } },
  { name: 'pay-1', labels: { team: 'pay', env: 'prod' } },
  { name: 'bare', labels: {} },
]

describe('scopeRules', () => {
  it('names the targets that have all labels of a scope', () => {
    const groups = ['team-shop']
    const of = (labels: Record<string, string>): unknown =>
      scopeRules([{ groups, labels }], TARGETS)
    assert.deepEqual(of({ team: 'shop' }), [{ groups, targets: ['shop-1', 'shop-2'] }])
    assert.deepEqual(of({ team: 'shop', env: 'prod' }), [{ groups, targets: ['shop-1'] }])
    assert.deepEqual(of({ team: 'none' }), [{ groups, targets: [] }])
    assert.deepEqual(of({ toString: 'x' }), [{ groups, targets: [] }])
  })

  it('names all, former targets as well, where a scope asks for no label', () => {
    assert.deepEqual(scopeRules([{ groups: ['audit'], labels: {} }], TARGETS), [
      { groups: ['audit'], targets: 'all' },
    ])
  })
})
