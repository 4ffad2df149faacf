import { SIGNATURE_ALGORITHMS } from './algorithms.ts'
import { message, MSG, sshString, uint32 } from './messages.ts'

/** EXT_INFO (RFC 8308 section 2.3) with the one extension that a server needs. */
export function extInfo(): Buffer {
  return message(
    MSG.EXT_INFO,
    uint32(1),
    sshString('server-sig-algs'),
    sshString(SIGNATURE_ALGORITHMS.join(',')),
  )
}
