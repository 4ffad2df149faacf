import type { webcrypto } from 'node:crypto'

/**
 * The types of aws4fetch and age-encryption use names of the browser's library. Node has the same types
 * under others, and no security keys that derive secrets.
 */
declare global {
  type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>
  type BodyInit = NonNullable<ConstructorParameters<typeof Response>[0]>
  type CryptoKey = webcrypto.CryptoKey
  type AuthenticationExtensionsPRFValues = never
}
