import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** Signs as Standard Webhooks 1.0 asks: HMAC-SHA256 over `id.timestamp.body`, in base64 after `v1,`. */
export interface WebhookSigner {
  sign(id: string, timestamp: number, body: string): string
}

const PREFIX = 'whsec_'
const BASE64 = /^[A-Za-z0-9+/]{32,88}={0,2}$/

/** Returns a signer for a secret like `whsec_…` of 24 to 64 bytes. Throws TypeError for any other. */
export function createWebhookSigner(secret: string): WebhookSigner {
  const key = keyOf(secret)
  return {
    sign(id, timestamp, body) {
      const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
      return `v1,${mac}`
    },
  }
}

function keyOf(secret: string): KeyObject {
  const text = secret.trim()
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : ''
  const bytes = BASE64.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0)
  if (bytes.length < 24 || bytes.length > 64) {
    throw new TypeError('a webhook secret is "whsec_" and the base64 of 24 to 64 bytes')
  }
  return createSecretKey(bytes)
}
