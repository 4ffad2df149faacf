/**
 * Builds the data types of RFC 4251 section 5. Every method but `bytes` returns the writer.
 * A number that does not fit its field throws RangeError.
 */
export interface WireWriter {
  u8(value: number): WireWriter
  u32(value: number): WireWriter
  u64(value: bigint): WireWriter
  bool(value: boolean): WireWriter
  /** Length and bytes; text is written as UTF-8. */
  string(value: Uint8Array | string): WireWriter
  /** A non-negative number, given as big-endian magnitude with or without leading zeros. */
  mpint(value: Uint8Array): WireWriter
  /** The bytes alone, without a length. */
  raw(value: Uint8Array): WireWriter
  /** A copy of all that was written so far. */
  bytes(): Buffer
}

/** Returns an empty writer. */
export function createWriter(): WireWriter {
  const parts: Uint8Array[] = []

  const writer: WireWriter = {
    u8(value) {
      const field = Buffer.allocUnsafe(1)
      field.writeUInt8(value)
      return writer.raw(field)
    },
    u32(value) {
      const field = Buffer.allocUnsafe(4)
      field.writeUInt32BE(value)
      return writer.raw(field)
    },
    u64(value) {
      const field = Buffer.allocUnsafe(8)
      field.writeBigUInt64BE(value)
      return writer.raw(field)
    },
    bool: (value) => writer.u8(value ? 1 : 0),
    string(value) {
      const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
      return writer.u32(bytes.length).raw(bytes)
    },
    mpint: (value) => writer.string(signed(value)),
    raw(value) {
      parts.push(value)
      return writer
    },
    bytes: () => Buffer.concat(parts),
  }
  return writer
}

/** Shortest two's complement form: a zero byte in front when the top bit would read as a sign. */
function signed(value: Uint8Array): Uint8Array {
  let start = 0
  while (start < value.length && value[start] === 0) start += 1
  const magnitude = value.subarray(start)
  const first = magnitude[0] ?? 0
  return first >= 0x80 ? Buffer.concat([Buffer.of(0), magnitude]) : magnitude
}
