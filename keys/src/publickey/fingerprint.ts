import { createHash } from 'node:crypto'

/** Returns the fingerprint of a key blob as `ssh-keygen -l` prints it: SHA256 and unpadded base64. */
export function fingerprint(blob: Uint8Array): string {
  const digest = createHash('sha256').update(blob).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}
