import { createReader, KeysError } from '@sallyport/keys/wire'
import { type Desk, objection, type Outcome, pass, pathAt, refuse } from './desk.ts'
import {
  copy,
  onHandle,
  open,
  openFolder,
  read,
  setAttributes,
  sync,
  volumeOfHandle,
} from './handle-requests.ts'
import { packet, type Print, text, uint32 } from './packet.ts'
import {
  hardLink,
  onePath,
  pathWithAttributes,
  realPath,
  rename,
  symbolicLink,
} from './path-requests.ts'
import { FX, FXP } from './protocol.ts'
import type { WireReader } from '@sallyport/keys/wire'

/** Returns what becomes of a whole request, all but WRITE: byte type, uint32 id, fields. */
export function judgeRequest(desk: Desk, type: number, id: number, fields: Buffer): Outcome {
  try {
    return dispatch(desk, type, id, createReader(fields))
  } catch (error) {
    if (error instanceof KeysError) return refuse(FX.BAD_MESSAGE, 'the request is malformed')
    throw error
  }
}

function dispatch(desk: Desk, type: number, id: number, reader: WireReader): Outcome {
  const head: Print = (...fields) => packet(type, uint32(id), ...fields)
  switch (type) {
    case FXP.OPEN:
      return open(desk, id, reader)
    case FXP.OPENDIR:
      return openFolder(desk, id, reader)
    case FXP.READ:
      return read(desk, id, reader)
    case FXP.CLOSE:
    case FXP.FSTAT:
    case FXP.READDIR:
      return onHandle(desk, type, id, reader)
    case FXP.FSETSTAT:
      return setAttributes(desk, id, reader)
    case FXP.STAT:
    case FXP.LSTAT:
      return onePath(desk, type, id, reader, 'stat', { kind: 'attributes' })
    case FXP.READLINK:
      return onePath(desk, type, id, reader, 'readlink', { kind: 'name' })
    case FXP.REMOVE:
      return onePath(desk, type, id, reader, 'remove', { kind: 'status' })
    case FXP.RMDIR:
      return onePath(desk, type, id, reader, 'rmdir', { kind: 'status' })
    case FXP.REALPATH:
      return realPath(desk, id, reader)
    case FXP.MKDIR:
      return pathWithAttributes(desk, head, reader, 'mkdir')
    case FXP.SETSTAT:
      return pathWithAttributes(desk, head, reader, 'setstat')
    case FXP.RENAME:
      return rename(desk, head, reader)
    case FXP.SYMLINK:
      return symbolicLink(desk, id, reader)
    case FXP.EXTENDED:
      return extended(desk, id, reader)
    default:
      return refuse(FX.OP_UNSUPPORTED, 'unknown request')
  }
}

/** EXTENDED: uint32 id, string name, fields. What the target did not offer, or we do not judge, is unknown. */
function extended(desk: Desk, id: number, reader: WireReader): Outcome {
  const name = reader.string().toString('latin1')
  const head: Print = (...fields) => packet(FXP.EXTENDED, uint32(id), text(name), ...fields)
  switch (desk.offered.has(name) ? name : '') {
    case 'posix-rename@openssh.com':
      return rename(desk, head, reader)
    case 'hardlink@openssh.com':
      return hardLink(desk, head, reader)
    case 'lsetstat@openssh.com':
      return pathWithAttributes(desk, head, reader, 'setstat')
    case 'fsync@openssh.com':
      return sync(desk, head, reader)
    case 'fstatvfs@openssh.com':
      return volumeOfHandle(desk, head, reader)
    case 'copy-data':
      return copy(desk, head, reader)
    case 'statvfs@openssh.com':
      return volume(desk, head, reader)
    case 'limits@openssh.com':
      reader.end()
      return pass(head(), { kind: 'limits' })
    case 'users-groups-by-id@openssh.com':
      return names(head, reader)
    default:
      return refuse(FX.OP_UNSUPPORTED, 'unknown extension')
  }
}

/** statvfs@openssh.com: string path. */
function volume(desk: Desk, head: Print, reader: WireReader): Outcome {
  const path = pathAt(desk, reader.string())
  reader.end()
  if (typeof path !== 'string') return path
  return objection(desk, { op: 'stat', path }) ?? pass(head(text(path)), { kind: 'extended' })
}

/** users-groups-by-id@openssh.com: string of uint32 uids, string of uint32 gids. */
function names(head: Print, reader: WireReader): Outcome {
  const uids = reader.string()
  const gids = reader.string()
  reader.end()
  return pass(head(text(uids), text(gids)), { kind: 'extended' })
}
