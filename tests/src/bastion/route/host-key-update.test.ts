import { strict as assert } from 'node:assert'
import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { createHostKeyUpdate } from '@sallyport/bastion/route'
import { fingerprint, publicKeyFrom, signData } from '@sallyport/keys/publickey'
import { createWriter } from '@sallyport/keys/wire'
import { newKey } from '../../support/certificates.ts'
import { strings } from '../../support/ssh-messages.ts'

const CONTEXT = 'hostkeys-prove-00@openssh.com'

describe('what a target offers of more host keys', () => {
  const sessionId = randomBytes(32)
  const [one, two] = [newKey(), newKey()]
  let learned: string[]
  let reports: string[]

  const open = (known: readonly KeyObject[] = []) => {
    learned = []
    reports = []
    return createHostKeyUpdate({
      sessionId,
      isWanted: ({ blob }) => !known.some((key) => blobOf(key).equals(blob)),
      learn: (keys) => void learned.push(...keys.map(({ blob }) => fingerprint(blob))),
      report: (event) => void reports.push(event),
    })
  }
  const blobOf = (key: KeyObject): Buffer => publicKeyFrom(key).blob
  const namesOf = (...keys: readonly KeyObject[]): string[] =>
    keys.map((key) => fingerprint(blobOf(key)))
  const offerOf = (...keys: readonly KeyObject[]): Buffer => strings(...keys.map(blobOf))
  const proof = (key: KeyObject, session = sessionId, context = CONTEXT): Buffer => {
    const data = createWriter().string(context).string(session).string(blobOf(key)).bytes()
    return signData(key, data)
  }

  it('is asked for, and learned when each key has signed for itself over this session', () => {
    const update = open()
    assert.deepEqual(update.offered(offerOf(one, two)), offerOf(one, two))
    update.answered(strings(proof(one), proof(two)))
    assert.deepEqual([learned, reports], [namesOf(one, two), []])
  })

  it('is asked for only as far as it is wanted, each key once', () => {
    const update = open([one])
    assert.deepEqual(update.offered(offerOf(two, one, two)), offerOf(two))
    assert.equal(open([one]).offered(offerOf(one)), undefined)
  })

  it('is looked at once per connection', () => {
    const update = open()
    assert.notEqual(update.offered(offerOf(one)), undefined)
    assert.equal(update.offered(offerOf(two)), undefined)
    const after = open([one])
    assert.equal(after.offered(offerOf(one)), undefined)
    assert.equal(after.offered(offerOf(two)), undefined)
  })

  for (const [title, proofs] of [
    ['another key signed', strings(proof(one), proof(one))],
    ['the order is another', strings(proof(two), proof(one))],
    ['it is of another session', strings(proof(one), proof(two, randomBytes(32)))],
    ['it is of another context', strings(proof(one), proof(two, sessionId, 'ssh-connection'))],
    ['one is missing', strings(proof(one))],
    ['there is one too many', strings(proof(one), proof(two), proof(two))],
    ['it is cut short', strings(proof(one), proof(two)).subarray(0, -1)],
    ['it is empty', Buffer.alloc(0)],
    ['the target refuses', undefined],
  ] as const) {
    it(`is not learned when ${title}`, () => {
      const update = open()
      update.offered(offerOf(one, two))
      update.answered(proofs)
      assert.deepEqual([learned, reports], [[], ['hostkeys.not-proven']])
    })
  }

  it('is not learned from an RSA key that signs with SHA-1', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const update = open()
    update.offered(offerOf(privateKey))
    const named = proof(privateKey).toString('latin1').replace('\x0crsa-sha2-512', '\x07ssh-rsa')
    update.answered(strings(Buffer.from(named, 'latin1')))
    assert.deepEqual(learned, [])
  })

  it('is bounded: many keys are cut off, what is no key is passed over, bytes do no harm', () => {
    const many = Array.from({ length: 40 }, () => newKey())
    assert.deepEqual(open().offered(offerOf(...many)), offerOf(...many.slice(0, 16)))
    const junk = strings(Buffer.alloc(0), Buffer.from('ssh-rsa'), randomBytes(99), blobOf(one))
    assert.deepEqual(open().offered(junk), offerOf(one))
    assert.equal(open().offered(Buffer.concat([junk, Buffer.alloc(64 << 10)])), undefined)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const update = open()
        assert.equal(update.offered(Buffer.from(bytes)), undefined)
        update.answered(Buffer.from(bytes))
      }),
    )
  })
})
