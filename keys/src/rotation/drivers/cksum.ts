/** Returns what `cksum` prints for bytes (POSIX.1-2017, cksum): a CRC and the number of bytes. */
export function cksum(bytes: Uint8Array): string {
  let crc = 0
  for (const byte of bytes) crc = shift(crc, byte)
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256))
    crc = shift(crc, length % 256)
  return `${~crc >>> 0} ${bytes.length}`
}

function shift(crc: number, byte: number): number {
  return (crc << 8) ^ (table[((crc >>> 24) ^ byte) & 0xff] ?? 0)
}

const table: readonly number[] = Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})
