import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { networkOf } from '@sallyport/web-replay/limit'
import fc from 'fast-check'

describe('networkOf', () => {
  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', 'unknown'],
    ['not an address', 'unknown'],
    ['1.2.3.4.5', 'unknown'],
    ['2001:db8::1]/x[', 'unknown'],
  ] as const) {
    it(`counts ${JSON.stringify(address)} for ${network}`, () => {
      assert.equal(networkOf(address), network)
    })
  }

  it('takes two IPv6 addresses for one exactly when Node finds them in one block of 64 bits', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    const groups = fc.array(group, { minLength: 8, maxLength: 8 })
    const near = fc.tuple(groups, groups, fc.integer({ min: 0, max: 8 }))
    fc.assert(
      fc.property(near, ([one, other, common]) => {
        const [first, second] = [one, [...one.slice(0, common), ...other.slice(common)]].map(
          (each) => each.map((value) => value.toString(16)).join(':'),
        )
        if (first === undefined || second === undefined) return
        const block = new BlockList()
        block.addSubnet(first, 64, 'ipv6')
        // Addresses that are IPv4 ones in disguise are counted one by one.
        fc.pre(networkOf(first).includes('/') && networkOf(second).includes('/'))
        assert.equal(networkOf(first) === networkOf(second), block.check(second, 'ipv6'))
      }),
    )
  })

  it('has one answer for an address, however it is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const { hostname } = new URL(`http://[${address}]`)
        assert.equal(networkOf(address), networkOf(hostname.slice(1, -1)))
        assert.equal(networkOf(address), networkOf(address.toUpperCase()))
      }),
    )
  })
})
