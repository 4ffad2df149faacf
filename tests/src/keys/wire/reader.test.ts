import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createReader, createWriter, KeysError } from '@sallyport/keys/wire'

describe('createReader', () => {
  it('reads each type of RFC 4251 section 5, with the examples given there', () => {
    const reader = createReader(
      Buffer.from(
        '07' +
          '29b7f4aa' +
          '00000000ffffffff' +
          '00' +
          'ff' +
          '0000000774657374696e67' +
          '00000000' +
          '0000000809a378f9b2e332a7' +
          '000000020080' +
          '00000003000102' +
          'abcd',
        'hex',
      ),
    )
    assert.equal(reader.u8(), 7)
    assert.equal(reader.u32(), 699921578)
    assert.equal(reader.u64(), 0xffff_ffffn)
    assert.equal(reader.bool(), false)
    assert.equal(reader.bool(), true)
    assert.equal(reader.text(), 'testing')
    assert.equal(reader.mpint().length, 0)
    assert.equal(reader.mpint().toString('hex'), '09a378f9b2e332a7')
    assert.equal(reader.mpint().toString('hex'), '80')
    assert.equal(reader.string().toString('hex'), '000102')
    assert.equal(reader.remaining, 2)
    assert.equal(reader.rest().toString('hex'), 'abcd')
    assert.equal(reader.remaining, 0)
    reader.end()
  })

  it('reads what the writer wrote, and refuses every prefix of it', () => {
    const record = fc.record({
      u8: fc.integer({ min: 0, max: 0xff }),
      u32: fc.integer({ min: 0, max: 0xffff_ffff }),
      u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      bool: fc.boolean(),
      string: fc.uint8Array({ maxLength: 40 }),
      text: fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0')),
      mpint: fc.uint8Array({ maxLength: 40 }),
    })
    fc.assert(
      fc.property(record, (value) => {
        const bytes = createWriter()
          .u8(value.u8)
          .u32(value.u32)
          .u64(value.u64)
          .bool(value.bool)
          .string(value.string)
          .string(value.text)
          .mpint(value.mpint)
          .bytes()
        const read = (input: Uint8Array) => {
          const reader = createReader(input)
          const found = {
            u8: reader.u8(),
            u32: reader.u32(),
            u64: reader.u64(),
            bool: reader.bool(),
            string: reader.string(),
            text: reader.text(),
            mpint: reader.mpint(),
          }
          reader.end()
          return found
        }
        const found = read(bytes)
        assert.deepEqual(
          { ...found, string: [...found.string], mpint: [...found.mpint] },
          { ...value, string: [...value.string], mpint: withoutZeros(value.mpint) },
        )
        for (let length = 0; length < bytes.length; length += 1) {
          assert.throws(() => read(bytes.subarray(0, length)), { code: 'ERR_KEYS_WIRE_TRUNCATED' })
        }
        assert.throws(() => read(Buffer.concat([bytes, Buffer.of(0)])), {
          code: 'ERR_KEYS_WIRE_TRAILING',
          message: `1 bytes left over at offset ${bytes.length}`,
        })
      }),
      { numRuns: 50 },
    )
  })

  it('throws nothing but KeysError whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat({ max: 5 }), (bytes, method) => {
        const reader = createReader(bytes)
        const methods = [
          () => reader.u32(),
          () => reader.u64(),
          () => reader.bool(),
          () => reader.string(),
          () => reader.text(),
          () => reader.mpint(),
        ]
        try {
          while (reader.remaining > 0) methods[method]?.()
        } catch (error) {
          assert.ok(error instanceof KeysError, String(error))
        }
      }),
    )
  })

  it('refuses a string whose length is beyond the input, without allocating it', () => {
    assert.throws(() => createReader(Buffer.from('ffffffff00', 'hex')).string(), {
      name: 'KeysError',
      code: 'ERR_KEYS_WIRE_TRUNCATED',
      message: '4294967295 bytes expected at offset 4, 1 left',
    })
  })

  it('refuses text that is not UTF-8 or has a NUL', () => {
    const text = (bytes: string) => () => createReader(Buffer.from(bytes, 'hex')).text()
    assert.throws(text('00000002c328'), {
      code: 'ERR_KEYS_WIRE_TEXT',
      message: 'text is not valid UTF-8',
    })
    assert.throws(text('00000003610062'), {
      code: 'ERR_KEYS_WIRE_TEXT',
      message: 'text contains NUL',
    })
    assert.throws(text('00000003eda080'), { code: 'ERR_KEYS_WIRE_TEXT' })
    assert.equal(text('00000003efbbbf')(), '\u{feff}')
  })

  it('refuses negative mpints and those with needless zeros', () => {
    const mpint = (bytes: string) => () => createReader(Buffer.from(bytes, 'hex')).mpint()
    const code = 'ERR_KEYS_WIRE_MPINT'
    assert.throws(mpint('0000000180'), { code, message: 'mpint is negative' })
    const long = { code, message: 'mpint is longer than its value needs' }
    assert.throws(mpint('0000000100'), long)
    assert.throws(mpint('00000002007f'), long)
    assert.throws(mpint('000000030000ff'), long)
  })

  it('respects the bounds of a view into a larger buffer', () => {
    const backing = Buffer.from('0000000461626364', 'hex')
    assert.throws(() => createReader(backing.subarray(0, 6)).string(), {
      code: 'ERR_KEYS_WIRE_TRUNCATED',
    })
    const view = new Uint8Array(backing.buffer, backing.byteOffset, 8)
    assert.equal(createReader(view).text(), 'abcd')
  })
})

function withoutZeros(bytes: Uint8Array): number[] {
  const start = bytes.findIndex((byte) => byte !== 0)
  return start === -1 ? [] : [...bytes.subarray(start)]
}
