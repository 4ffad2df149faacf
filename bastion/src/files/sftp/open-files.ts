import type { JudgeFile } from './roles.ts'
import type { Transfer } from './transfer.ts'

/** A file or folder that is open, or being opened, and what its handle may be used for. */
export interface OpenFile {
  readonly path: string
  /** Every path that the file may have by now: where it was opened, and where renames took it. */
  readonly paths: string[]
  mayRead: boolean
  mayWrite: boolean
  mayList: boolean
  /** The most that it may come to hold. */
  maxBytes: number | undefined
  readonly reading: Transfer | undefined
  readonly writing: Transfer | undefined
  /** Writes that are not answered yet. */
  unanswered: number
}

const MAX_PATHS = 16

/** The handles of one channel, by the bytes that the target names them with. */
export class OpenFiles {
  readonly #byHandle = new Map<string, OpenFile>()
  readonly #opening = new Set<OpenFile>()

  get count(): number {
    return this.#byHandle.size + this.#opening.size
  }

  get(handle: Buffer): OpenFile | undefined {
    return this.#byHandle.get(handle.toString('latin1'))
  }

  /** The target is asked to open a file. */
  expect(file: OpenFile): void {
    this.#opening.add(file)
  }

  /** The target opened a file, or did not; returns false when it names two open files alike. */
  settle(file: OpenFile, handle: Buffer | undefined): boolean {
    this.#opening.delete(file)
    if (handle === undefined) return true
    const name = handle.toString('latin1')
    if (this.#byHandle.has(name)) return false
    this.#byHandle.set(name, file)
    return true
  }

  /** Takes a handle away; nothing passes under it any more. */
  remove(handle: Buffer): void {
    this.#byHandle.delete(handle.toString('latin1'))
  }

  /** Empties the table and returns what was open. */
  drain(): readonly OpenFile[] {
    const files = [...this.#byHandle.values()]
    this.#byHandle.clear()
    this.#opening.clear()
    return files
  }

  /**
   * A rename goes to the target: an open file that it moves keeps only what is granted at its new path
   * as well. Should the rename fail, the handle has lost more than it had to.
   */
  moved(from: string, to: string, judge: JudgeFile): void {
    for (const file of [...this.#byHandle.values(), ...this.#opening]) {
      const below = file.paths.filter((path) => path === from || path.startsWith(`${from}/`))
      for (const path of below) {
        const moved = `${to}${path.slice(from.length)}`
        // Folders renamed into each other could name a file in more and more ways.
        if (file.paths.length >= MAX_PATHS) withdraw(file)
        else if (!file.paths.includes(moved)) {
          file.paths.push(moved)
          narrow(file, moved, judge)
        }
      }
    }
  }
}

function withdraw(file: OpenFile): void {
  file.mayRead = false
  file.mayWrite = false
  file.mayList = false
}

function narrow(file: OpenFile, path: string, judge: JudgeFile): void {
  file.mayRead &&= judge({ op: 'read', path }).allowed
  file.mayList &&= judge({ op: 'list', path }).allowed
  if (!file.mayWrite) return
  const verdict = judge({ op: 'write', path })
  file.mayWrite = verdict.allowed
  if (verdict.allowed && verdict.maxBytes !== undefined)
    file.maxBytes = Math.min(verdict.maxBytes, file.maxBytes ?? verdict.maxBytes)
}
