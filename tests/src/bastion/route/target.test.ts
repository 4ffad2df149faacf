import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { chooseLogin, createTargets, parseDirectLogin, printable } from '@sallyport/bastion/route'

const web = {
  name: 'web',
  address: '10.0.0.7',
  port: 2222,
  labels: {},
  logins: [{ login: 'deploy', key: 'k' }],
}

describe('createTargets', () => {
  const targets = createTargets([web])

  it('finds a target by its name in any case, on port 22 or its own', () => {
    for (const [name, port] of [
      ['web', undefined],
      ['WEB', 22],
      ['Web', 2222],
    ] as const) {
      assert.deepEqual(targets.byName(name, port), { kind: 'target', target: web })
    }
  })

  it('knows no address and no part of a name, and never says where a target is', () => {
    for (const name of ['10.0.0.7', 'we', 'web.', 'web\0', '', '__proto__', 'constructor']) {
      const verdict = targets.byName(name)
      assert.ok(verdict.kind === 'refused')
      assert.doesNotMatch(verdict.message.replace(name, ''), /10\.0\.0/)
    }
    assert.deepEqual(targets.byName('web', 80), {
      kind: 'refused',
      message: 'target web is not reached on port 80',
    })
  })

  it('has the logins that are listed, as they are written', () => {
    assert.equal(chooseLogin(web, 'deploy').kind, 'route')
    assert.deepEqual(chooseLogin(web, 'Deploy'), {
      kind: 'refused',
      message: 'target web has no login "Deploy"',
    })
  })
})

describe('parseDirectLogin', () => {
  it('takes what follows the last percent sign as the target', () => {
    assert.deepEqual(parseDirectLogin('deploy%web'), { login: 'deploy', target: 'web' })
    assert.deepEqual(parseDirectLogin('a%b%web'), { login: 'a%b', target: 'web' })
    assert.deepEqual(parseDirectLogin('%'), { login: '', target: '' })
    assert.equal(parseDirectLogin('deploy'), undefined)
  })
})

describe('printable', () => {
  it('is printable ASCII and short, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        assert.match(printable(text), /^[ -~]{2,80}$/)
      }),
    )
  })
})
