import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isAddressIn, parseSourceAddresses } from '@sallyport/keys/certificate'

describe('source addresses', () => {
  const isIn = (address: string, list: string) =>
    isAddressIn(address, parseSourceAddresses(list) ?? assert.fail(`malformed: ${list}`))

  it('match single addresses and blocks of both families', () => {
    assert.ok(isIn('192.0.2.7', '192.0.2.7'))
    assert.ok(isIn('192.0.2.7', '198.51.100.1,192.0.2.0/24'))
    assert.ok(isIn('192.0.2.7', '0.0.0.0/0'))
    assert.ok(isIn('255.255.255.255', '128.0.0.0/1'))
    assert.ok(isIn('2001:db8::7', '2001:db8::/32'))
    assert.ok(isIn('2001:0DB8:0:0:0:0:0:7', '2001:db8::7'))
    assert.ok(isIn('::1', '::1/128'))
    assert.ok(!isIn('192.0.3.7', '192.0.2.0/24'))
    assert.ok(!isIn('192.0.2.8', '192.0.2.7'))
    assert.ok(!isIn('2001:db9::7', '2001:db8::/32'))
    assert.ok(!isIn('127.255.255.255', '128.0.0.0/1'))
  })

  it('compare v4-mapped v6 addresses as v4, on either side', () => {
    assert.ok(isIn('::ffff:192.0.2.7', '192.0.2.0/24'))
    assert.ok(isIn('::ffff:c000:207', '192.0.2.7'))
    assert.ok(isIn('192.0.2.7', '::ffff:192.0.2.0/120'))
    assert.ok(!isIn('::ffff:192.0.3.7', '192.0.2.0/24'))
    assert.ok(isIn('192.0.2.7', '::ffff:0:0/96'))
    assert.equal(parseSourceAddresses('::ffff:0:0/95'), undefined)
  })

  it('do not let a block of one family reach into the other', () => {
    assert.ok(!isIn('192.0.2.7', '::/0'))
    assert.ok(!isIn('::ffff:192.0.2.7', '::/0'))
    assert.ok(!isIn('::192.0.2.7', '192.0.2.7'))
    assert.ok(!isIn('::1', '0.0.0.0/0'))
  })

  it('refuse lists with any malformed entry', () => {
    const lists = [
      '',
      ',',
      '10.0.0.1,',
      ',10.0.0.1',
      '10.0.0.1, 10.0.0.2',
      '10.0.0.1/8',
      '10.0.0/24',
    ]
    const more = [
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/08',
      '10.0.0.0/-1',
      '10.0.0.0/8/8',
      '::/129',
    ]
    const names = ['localhost', '*', '10.0.0.*', '!10.0.0.1', 'fe80::1%eth0', '010.0.0.1', '0x0a.1']
    for (const list of [...lists, ...more, ...names, '2001:db8::1/32', '[::1]', '10.0.0.1\n']) {
      assert.equal(parseSourceAddresses(list), undefined, JSON.stringify(list))
    }
  })

  it('never match a peer whose address is unknown or has a zone', () => {
    for (const address of ['', 'UNKNOWN', 'localhost', 'fe80::1%eth0', '10.0.0.1:22']) {
      assert.ok(!isIn(address, '0.0.0.0/0,::/0'), address)
    }
  })

  it('match exactly the addresses that share the prefix', () => {
    const v4 = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
    const word = fc.nat({ max: 0xffff_ffff })
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 32 }), (one, two, prefix) => {
        const mask = (0xffff_ffff << (32 - prefix)) >>> 0
        const near = ((one & mask) | (two & ~mask)) >>> 0
        const block = `${v4((one & mask) >>> 0)}/${prefix}`
        assert.ok(isIn(v4(near), block))
        assert.equal(isIn(v4(two), block), ((two ^ one) & mask) === 0)
      }),
    )
  })
})
