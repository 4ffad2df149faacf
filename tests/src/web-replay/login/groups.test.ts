import assert from 'node:assert/strict'
import { groupsFromClaims, isPermitted, rolesForGroups } from '@sallyport/web-replay/login'

const ROLES = { reviewer: ['sec-review'], approver: ['sec-approve'], admin: ['platform admins'] }

describe('groupsFromClaims', () => {
  it('reads an array by exact name, even one with dots', () => {
    const claims = { 'https://acme.example/groups': ['a', 'b'] }
    assert.deepEqual(groupsFromClaims(claims, 'https://acme.example/groups'), ['a', 'b'])
  })

  it('reads a dotted path into objects', () => {
    const claims = { realm_access: { roles: ['a'] } }
    assert.deepEqual(groupsFromClaims(claims, 'realm_access.roles'), ['a'])
  })

  it('takes a string as one group and never splits it', () => {
    assert.deepEqual(groupsFromClaims({ groups: 'x platform admins' }, 'groups'), [
      'x platform admins',
    ])
  })

  it('finds nothing in a missing claim, an overage pointer, or inherited properties', () => {
    assert.deepEqual(groupsFromClaims({}, 'groups'), [])
    assert.deepEqual(groupsFromClaims({ _claim_names: { groups: 'src1' } }, 'groups'), [])
    assert.deepEqual(groupsFromClaims({}, 'constructor.name'), [])
    assert.deepEqual(groupsFromClaims({ groups: 'abc' }, 'groups.length'), [])
    assert.deepEqual(groupsFromClaims({ groups: [1, null, ['a'], { a: 1 }] }, 'groups'), [])
  })
})

describe('rolesForGroups', () => {
  it('gives each role whose group matches exactly', () => {
    assert.deepEqual(rolesForGroups(['sec-review', 'platform admins'], ROLES), [
      'reviewer',
      'admin',
    ])
  })

  it('gives none for another case, a prefix or a suffix', () => {
    assert.deepEqual(rolesForGroups(['Sec-Review', 'sec-reviewers', 'sec', ''], ROLES), [])
  })
})

describe('isPermitted', () => {
  it('lets approvers view and not take the raw recording', () => {
    assert.equal(isPermitted(['approver'], 'recordings.view'), true)
    assert.equal(isPermitted(['approver'], 'recordings.raw'), false)
    assert.equal(isPermitted(['reviewer'], 'recordings.raw'), true)
    assert.equal(isPermitted([], 'recordings.view'), false)
  })
})
