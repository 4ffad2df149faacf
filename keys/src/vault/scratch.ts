/** Keeps the buffers that hold secret bytes, so that one call overwrites them all. */
export interface Scratch {
  keep(bytes: Buffer): Buffer
  wipe(): void
}

/** Returns an empty scratch; whoever makes it wipes it, in a `finally`. */
export function createScratch(): Scratch {
  const kept: Buffer[] = []
  return {
    keep(bytes) {
      kept.push(bytes)
      return bytes
    },
    wipe() {
      for (const bytes of kept) bytes.fill(0)
    },
  }
}

/**
 * Returns zeros to put a secret into. The memory of a small `Buffer.alloc` is in the heap of JavaScript, whose
 * collector moves it and leaves copies behind; this one stays where it is.
 */
export function fixedBuffer(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length))
}
