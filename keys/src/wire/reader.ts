import { isUtf8 } from 'node:buffer'
import { KeysError } from '../errors.ts'

/**
 * A cursor over the data types of RFC 4251 section 5. It never reads past the end; each method
 * throws `KeysError` and a reader that has thrown is of no further use.
 *
 * Buffers it returns are views of the input: copy what must outlive the packet.
 */
export interface WireReader {
  readonly offset: number
  readonly remaining: number
  u8(): number
  u32(): number
  u64(): bigint
  /** False for 0, true for every other byte, as RFC 4251 asks. */
  bool(): boolean
  string(): Buffer
  /** A string that is valid UTF-8 without NUL. */
  text(): string
  /**
   * The magnitude of a non-negative mpint, without its sign byte; empty for zero. Negative numbers
   * and encodings longer than needed are refused, so one number has one encoding.
   */
  mpint(): Buffer
  /** All bytes that are left; the reader is then at its end. */
  rest(): Buffer
  /** Throws `ERR_KEYS_WIRE_TRAILING` when bytes are left. */
  end(): void
}

/** Returns a reader at the start of `bytes`, which it does not copy. */
export function createReader(bytes: Uint8Array): WireReader {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let offset = 0

  function take(count: number): Buffer {
    const left = input.length - offset
    if (count > left) {
      throw new KeysError(
        'ERR_KEYS_WIRE_TRUNCATED',
        `${count} bytes expected at offset ${offset}, ${left} left`,
      )
    }
    offset += count
    return input.subarray(offset - count, offset)
  }

  const reader: WireReader = {
    get offset() {
      return offset
    },
    get remaining() {
      return input.length - offset
    },
    u8: () => take(1).readUInt8(),
    u32: () => take(4).readUInt32BE(),
    u64: () => take(8).readBigUInt64BE(),
    bool: () => reader.u8() !== 0,
    string: () => take(reader.u32()),
    text() {
      const bytes = reader.string()
      if (!isUtf8(bytes)) throw new KeysError('ERR_KEYS_WIRE_TEXT', 'text is not valid UTF-8')
      if (bytes.includes(0)) throw new KeysError('ERR_KEYS_WIRE_TEXT', 'text contains NUL')
      return bytes.toString('utf8')
    },
    mpint: () => magnitude(reader.string()),
    rest: () => take(reader.remaining),
    end() {
      if (reader.remaining === 0) return
      throw new KeysError(
        'ERR_KEYS_WIRE_TRAILING',
        `${reader.remaining} bytes left over at offset ${offset}`,
      )
    },
  }
  return reader
}

function magnitude(bytes: Buffer): Buffer {
  const [first, second] = bytes
  if (first === undefined) return bytes
  if (first >= 0x80) throw new KeysError('ERR_KEYS_WIRE_MPINT', 'mpint is negative')
  if (first !== 0) return bytes
  if (second === undefined || second < 0x80) {
    throw new KeysError('ERR_KEYS_WIRE_MPINT', 'mpint is longer than its value needs')
  }
  return bytes.subarray(1)
}
