import { createHash, type Hash } from 'node:crypto'
import type { FileEvent } from './roles.ts'

/** Counts and hashes the content of one file in one direction. */
export class Transfer {
  readonly #op: 'read' | 'write'
  readonly rule: string
  #hash: Hash | undefined = createHash('sha256')
  #next = 0n
  bytes = 0

  constructor(op: 'read' | 'write', rule: string) {
    this.#op = op
    this.rule = rule
  }

  /** Content that starts at `offset` follows. */
  begin(offset: bigint): void {
    if (offset !== this.#next) this.spoil()
  }

  add(content: Buffer): void {
    this.bytes += content.length
    this.#next += BigInt(content.length)
    this.#hash?.update(content)
  }

  /** The content is not known in full: something failed, or came out of order. */
  spoil(): void {
    this.#hash = undefined
  }

  /** Returns what is kept of it. */
  finish(path: string): FileEvent {
    const sha256 = this.#hash?.digest('hex')
    this.#hash = undefined
    return {
      kind: 'transferred',
      op: this.#op,
      path,
      rule: this.rule,
      bytes: this.bytes,
      ...(sha256 === undefined ? {} : { sha256 }),
    }
  }
}
