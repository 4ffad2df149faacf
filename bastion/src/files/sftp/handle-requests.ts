import type { WireReader } from '@sallyport/keys/wire'
import type { FileOperation } from '../../decide/request.ts'
import { readAttributes } from './attributes.ts'
import {
  ask,
  deniedBy,
  type Desk,
  noFile,
  objection,
  type Outcome,
  pass,
  pathAt,
  refuse,
  type Refusal,
} from './desk.ts'
import { packet, type Print, text, uint32, uint64 } from './packet.ts'
import { tooLarge, unknownAttributes } from './path-requests.ts'
import { FX, FXF, FXP } from './protocol.ts'
import { Transfer } from './transfer.ts'

const allFlags = FXF.READ | FXF.WRITE | FXF.APPEND | FXF.CREAT | FXF.TRUNC | FXF.EXCL

const notReading = refuse(FX.PERMISSION_DENIED, 'denied: the file was not opened for reading')
const notListing = refuse(FX.PERMISSION_DENIED, 'denied: this is no folder that was opened')
export const notWriting: Refusal = refuse(
  FX.PERMISSION_DENIED,
  'denied: the file was not opened for writing',
)
const tooMany = refuse(FX.FAILURE, 'too many files are open')

/** OPEN: uint32 id, string path, uint32 flags, ATTRS. */
export function open(desk: Desk, id: number, reader: WireReader): Outcome {
  const path = pathAt(desk, reader.string())
  const flags = reader.u32()
  const attributes = readAttributes(reader)
  if (attributes === undefined) return unknownAttributes
  reader.end()
  if (typeof path !== 'string') return path
  if ((flags & ~allFlags) !== 0) return refuse(FX.OP_UNSUPPORTED, 'unknown flags for opening')
  if (desk.files.count >= desk.limits.handles) return tooMany
  const { mode, size, bytes } = attributes
  // A target opens for reading whatever it is not told to write.
  const reads = (flags & FXF.READ) !== 0 || (flags & FXF.WRITE) === 0
  const writes = (flags & (allFlags & ~FXF.READ)) !== 0 || size !== undefined
  const reading = reads ? ask(desk, { op: 'read', path }) : undefined
  if (reading?.allowed === false) return deniedBy(reading)
  const operation: FileOperation = { op: 'write', path, ...(mode === undefined ? {} : { mode }) }
  const writing = writes ? ask(desk, operation) : undefined
  if (writing?.allowed === false) return deniedBy(writing)
  const maxBytes = writing?.maxBytes
  if (writing !== undefined && maxBytes !== undefined) {
    if ((flags & FXF.APPEND) !== 0)
      return refuse(
        FX.FAILURE,
        `denied by rule ${writing.rule}: the size of a file that is appended to is not known`,
      )
    if (size !== undefined && size > BigInt(maxBytes)) return tooLarge(writing.rule, maxBytes)
  }
  const file = {
    path,
    paths: [path],
    mayRead: reads,
    mayWrite: writes,
    mayList: false,
    maxBytes,
    reading: reading === undefined ? undefined : new Transfer('read', reading.rule),
    writing: writing === undefined ? undefined : new Transfer('write', writing.rule),
    unanswered: 0,
  }
  desk.files.expect(file)
  return pass(packet(FXP.OPEN, uint32(id), text(path), uint32(flags), bytes), {
    kind: 'open',
    file,
  })
}

/** OPENDIR: uint32 id, string path. */
export function openFolder(desk: Desk, id: number, reader: WireReader): Outcome {
  const path = pathAt(desk, reader.string())
  reader.end()
  if (typeof path !== 'string') return path
  if (desk.files.count >= desk.limits.handles) return tooMany
  const refusal = objection(desk, { op: 'list', path })
  if (refusal !== undefined) return refusal
  const file = {
    path,
    paths: [path],
    mayRead: false,
    mayWrite: false,
    mayList: true,
    maxBytes: undefined,
    reading: undefined,
    writing: undefined,
    unanswered: 0,
  }
  desk.files.expect(file)
  return pass(packet(FXP.OPENDIR, uint32(id), text(path)), { kind: 'open', file })
}

/** READ: uint32 id, string handle, uint64 offset, uint32 length. */
export function read(desk: Desk, id: number, reader: WireReader): Outcome {
  const handle = reader.string()
  const offset = reader.u64()
  const length = reader.u32()
  reader.end()
  const file = desk.files.get(handle)
  if (file === undefined) return noFile
  if (!file.mayRead) return notReading
  return pass(packet(FXP.READ, uint32(id), text(handle), uint64(offset), uint32(length)), {
    kind: 'read',
    file,
    offset,
    length,
  })
}

/** READDIR, FSTAT, CLOSE: uint32 id, string handle. */
export function onHandle(desk: Desk, type: number, id: number, reader: WireReader): Outcome {
  const handle = reader.string()
  reader.end()
  const file = desk.files.get(handle)
  if (file === undefined) return noFile
  const again = packet(type, uint32(id), text(handle))
  if (type === FXP.READDIR) return file.mayList ? pass(again, { kind: 'name' }) : notListing
  if (type === FXP.FSTAT) return pass(again, { kind: 'attributes' })
  desk.files.remove(handle)
  return pass(again, { kind: 'close', file })
}

/** FSETSTAT: uint32 id, string handle, ATTRS. */
export function setAttributes(desk: Desk, id: number, reader: WireReader): Outcome {
  const handle = reader.string()
  const attributes = readAttributes(reader)
  if (attributes === undefined) return unknownAttributes
  reader.end()
  const file = desk.files.get(handle)
  if (file === undefined) return noFile
  if (!file.mayRead && !file.mayWrite && !file.mayList) return noFile
  const { size, mode, bytes } = attributes
  if (size !== undefined) {
    if (!file.mayWrite) return notWriting
    if (file.maxBytes !== undefined && size > BigInt(file.maxBytes))
      return tooLarge(file.writing?.rule ?? 'builtin', file.maxBytes)
    file.writing?.spoil()
  }
  const operations = file.paths.map((path): FileOperation => ({
    op: 'setstat',
    path,
    ...(mode === undefined ? {} : { mode }),
  }))
  return (
    objection(desk, ...operations) ?? pass(packet(FXP.FSETSTAT, uint32(id), text(handle), bytes))
  )
}

/** fsync@openssh.com: string handle. */
export function sync(desk: Desk, head: Print, reader: WireReader): Outcome {
  const handle = reader.string()
  reader.end()
  const file = desk.files.get(handle)
  if (file === undefined) return noFile
  return file.mayWrite ? pass(head(text(handle))) : notWriting
}

/** fstatvfs@openssh.com: string handle. */
export function volumeOfHandle(desk: Desk, head: Print, reader: WireReader): Outcome {
  const handle = reader.string()
  reader.end()
  if (desk.files.get(handle) === undefined) return noFile
  return pass(head(text(handle)), { kind: 'extended' })
}

/** copy-data: string handle, uint64 offset, uint64 length (0: to the end), string handle, uint64 offset. */
export function copy(desk: Desk, head: Print, reader: WireReader): Outcome {
  const from = reader.string()
  const fromOffset = reader.u64()
  const length = reader.u64()
  const into = reader.string()
  const intoOffset = reader.u64()
  reader.end()
  const source = desk.files.get(from)
  const file = desk.files.get(into)
  if (source === undefined || file === undefined) return noFile
  if (!source.mayRead) return notReading
  if (!file.mayWrite) return notWriting
  if (file.maxBytes !== undefined) {
    const most = BigInt(file.maxBytes)
    if (length === 0n || intoOffset + length > most)
      return tooLarge(file.writing?.rule ?? 'builtin', file.maxBytes)
  }
  // The content passes neither of them here.
  source.reading?.spoil()
  file.writing?.spoil()
  return pass(head(text(from), uint64(fromOffset, length), text(into), uint64(intoOffset)))
}
