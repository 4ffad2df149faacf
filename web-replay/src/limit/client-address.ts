import type { Request } from 'express'
import { isIP } from 'node:net'

/**
 * Returns the address of who asks. What stands in front of the app is believed only when it is configured to stand
 * there; then this is the address that it speaks for.
 */
export function clientAddress(request: Request): string {
  const { ip, socket } = request
  return ip !== undefined && isIP(ip) !== 0 ? ip : (socket.remoteAddress ?? '')
}
