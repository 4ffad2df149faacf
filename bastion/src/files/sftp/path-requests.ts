import type { WireReader } from '@sallyport/keys/wire'
import type { FileOperation } from '../../decide/request.ts'
import { readAttributes } from './attributes.ts'
import {
  ask,
  deniedBy,
  type Desk,
  objection,
  type Outcome,
  pass,
  pathAt,
  refuse,
  type Refusal,
} from './desk.ts'
import type { Flight } from './flights.ts'
import { packet, type Print, text, uint32 } from './packet.ts'
import { folderOf } from './path.ts'
import { FX, FXP } from './protocol.ts'

export const unknownAttributes: Refusal = refuse(FX.OP_UNSUPPORTED, 'unknown attributes')

/** STAT, LSTAT, READLINK, REMOVE, RMDIR: uint32 id, string path. */
export function onePath(
  desk: Desk,
  type: number,
  id: number,
  reader: WireReader,
  op: FileOperation['op'],
  flight: Flight,
): Outcome {
  const path = pathAt(desk, reader.string())
  reader.end()
  if (typeof path !== 'string') return path
  return objection(desk, { op, path }) ?? pass(packet(type, uint32(id), text(path)), flight)
}

/** REALPATH: uint32 id, string path. Where the login folder is, every client must ask to begin at all. */
export function realPath(desk: Desk, id: number, reader: WireReader): Outcome {
  const raw = reader.string()
  reader.end()
  const path = pathAt(desk, raw)
  if (typeof path !== 'string') return path
  const start = raw.length === 0 || raw.equals(Buffer.from('.'))
  const refusal = start ? undefined : objection(desk, { op: 'stat', path })
  return refusal ?? pass(packet(FXP.REALPATH, uint32(id), text(path)), { kind: 'name' })
}

/** MKDIR, SETSTAT: uint32 id, string path, ATTRS. */
export function pathWithAttributes(
  desk: Desk,
  head: Print,
  reader: WireReader,
  op: 'mkdir' | 'setstat',
): Outcome {
  const path = pathAt(desk, reader.string())
  const attributes = readAttributes(reader)
  if (attributes === undefined) return unknownAttributes
  reader.end()
  if (typeof path !== 'string') return path
  const { size, mode, bytes } = attributes
  // To set a size is to cut a file off, or to fill it up.
  if (size !== undefined && op === 'setstat') {
    const verdict = ask(desk, { op: 'write', path })
    if (!verdict.allowed) return deniedBy(verdict)
    if (verdict.maxBytes !== undefined && size > BigInt(verdict.maxBytes))
      return tooLarge(verdict.rule, verdict.maxBytes)
  }
  const operation: FileOperation = { op, path, ...(mode === undefined ? {} : { mode }) }
  return objection(desk, operation) ?? pass(head(text(path), bytes))
}

/** RENAME and posix-rename@openssh.com: string old path, string new path. */
export function rename(desk: Desk, head: Print, reader: WireReader): Outcome {
  const path = pathAt(desk, reader.string())
  const to = pathAt(desk, reader.string())
  reader.end()
  if (typeof path !== 'string') return path
  if (typeof to !== 'string') return to
  const refusal = objection(desk, { op: 'rename', path, to })
  if (refusal !== undefined) return refusal
  desk.files.moved(path, to, desk.judge)
  return pass(head(text(path), text(to)))
}

/** hardlink@openssh.com: string path that is there, string path of the new link. */
export function hardLink(desk: Desk, head: Print, reader: WireReader): Outcome {
  const to = pathAt(desk, reader.string())
  const path = pathAt(desk, reader.string())
  reader.end()
  if (typeof path !== 'string') return path
  if (typeof to !== 'string') return to
  return objection(desk, { op: 'hardlink', path, to }) ?? pass(head(text(to), text(path)))
}

/**
 * SYMLINK: uint32 id, string what the link says, string path of the link: in this order at OpenSSH, in
 * the other in the draft, so both need the same permission. A link says an absolute path: a relative one
 * would mean something else once a folder above it moves, or is a link itself.
 */
export function symbolicLink(desk: Desk, id: number, reader: WireReader): Outcome {
  const said = reader.string()
  const path = pathAt(desk, reader.string())
  reader.end()
  if (typeof path !== 'string') return path
  const to = pathAt(desk, said, folderOf(path))
  if (typeof to !== 'string') return to
  return (
    objection(desk, { op: 'symlink', path, to }) ??
    pass(packet(FXP.SYMLINK, uint32(id), text(to), text(path)))
  )
}

export function tooLarge(rule: string, maxBytes: number): Refusal {
  return refuse(FX.FAILURE, `denied by rule ${rule}: a file may hold at most ${maxBytes} bytes`)
}
