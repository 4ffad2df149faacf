/** A cursor over X.690 values that OpenSSL has written; views of the input, nothing is copied. */
export interface DerReader {
  /** The content of the next value, which has this tag. Throws an Error otherwise. */
  value(tag: number): Buffer
}

/** Returns a reader at the start of `bytes`. */
export function createDerReader(bytes: Buffer): DerReader {
  let offset = 0
  const next = (): number => {
    const byte = bytes[offset]
    if (byte === undefined) throw new Error('DER ends too early')
    offset += 1
    return byte
  }
  return {
    value(tag) {
      if (next() !== tag) throw new Error(`DER has another value where ${tag} is expected`)
      let length = next()
      if (length >= 0x80) {
        let octets = length - 0x80
        for (length = 0; octets > 0; octets--) length = length * 256 + next()
      }
      const content = bytes.subarray(offset, offset + length)
      if (content.length !== length) throw new Error('DER ends too early')
      offset += length
      return content
    },
  }
}
