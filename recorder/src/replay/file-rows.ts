import { decodeNote } from '../asciicast/decode-details.ts'
import { parseObject } from '../asciicast/decode-header.ts'
import { transferOf } from './transfer-commands.ts'

/** What was done, or was to be done, to a file of the target. `time` is in seconds since the channel's start. */
export interface FileRow {
  readonly time: number
  readonly via: 'sftp' | 'scp' | 'rsync' | 'git'
  readonly op: string
  readonly path: string
  readonly to?: string
  readonly allowed: boolean
  readonly rule: string
  readonly message?: string
  readonly bytes?: number
  readonly sha256?: string
  /** True where `bytes` and `sha256` are of all that the program sent, and not of one file. */
  readonly ofStream?: true
}

const MOST = 5000
/** Rows that are looked back through for the operation that a transfer belongs to. */
const LOOK_BACK = 1024

/** Collects the file operations of a channel from its recorded events, which it is given in order. */
export class FileRows {
  readonly #rows: FileRow[] = []
  /** Operations that there was no room for. */
  left = 0

  get rows(): readonly FileRow[] {
    return this.#rows
  }

  event(seconds: number, code: string, text: string): void {
    if (code === 'n') this.#note(seconds, text)
    else if (code === 'c') this.#decision(seconds, text)
  }

  #note(seconds: number, text: string): void {
    const end = text.includes('"end"') ? decodeNote(text) : undefined
    if (end?.kind === 'end') {
      for (const [index, row] of this.#rows.entries()) {
        if (row.ofStream !== true) continue
        const { omitted: _omitted, ...content } = isInbound(row)
          ? end.totals.input
          : end.totals.stdout
        this.#rows[index] = { ...row, ...content }
      }
      return
    }
    if (!text.includes('"file"')) return
    const file = objectIn(objectIn(parseObject(text), 'note'), 'file')
    if (file === undefined) return
    if (file['kind'] === 'transferred') this.#transferred(seconds, file)
    else if (file['kind'] === 'judged') this.#judged(seconds, file)
  }

  #judged(time: number, file: Readonly<Record<string, unknown>>): void {
    const operation = objectIn(file, 'operation')
    if (operation === undefined) return
    const { op, path, to } = operation
    if (typeof op !== 'string' || typeof path !== 'string') return
    this.#add({
      time,
      via: 'sftp',
      op,
      path,
      ...(typeof to === 'string' ? { to } : {}),
      ...judgement(file, file['allowed'] === true),
    })
  }

  #transferred(time: number, file: Readonly<Record<string, unknown>>): void {
    const { op, path, bytes, sha256 } = file
    if (typeof op !== 'string' || typeof path !== 'string' || typeof bytes !== 'number') return
    const content = { bytes, ...(typeof sha256 === 'string' ? { sha256 } : {}) }
    const earliest = Math.max(0, this.#rows.length - LOOK_BACK)
    for (let index = this.#rows.length - 1; index >= earliest; index -= 1) {
      const row = this.#rows[index]
      if (row?.op !== op || row.path !== path || !row.allowed || row.bytes !== undefined) continue
      this.#rows[index] = { ...row, ...content }
      return
    }
    this.#add({ time, via: 'sftp', op, path, ...judgement(file, true), ...content })
  }

  #decision(time: number, text: string): void {
    const decision = parseObject(text)
    const transfer = decision === undefined ? undefined : transferOf(decision)
    if (decision === undefined || transfer === undefined) return
    const allowed = decision['effect'] === 'allow'
    const { via, op, paths } = transfer
    for (const path of paths) {
      const stream = allowed ? { ofStream: true as const } : {}
      this.#add({ time, via, op, path, ...judgement(decision, allowed), ...stream })
    }
  }

  #add(row: FileRow): void {
    if (this.#rows.length < MOST) this.#rows.push(row)
    else this.left += 1
  }
}

function isInbound({ op }: FileRow): boolean {
  return op === 'write' || op === 'push'
}

function judgement(
  source: Readonly<Record<string, unknown>>,
  allowed: boolean,
): Pick<FileRow, 'allowed' | 'rule' | 'message'> {
  const { rule, message } = source
  return {
    allowed,
    rule: typeof rule === 'string' ? rule : '',
    ...(typeof message === 'string' ? { message } : {}),
  }
}

function objectIn(
  source: Readonly<Record<string, unknown>> | undefined,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  const value = source?.[name]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(Object.entries(value))
}
