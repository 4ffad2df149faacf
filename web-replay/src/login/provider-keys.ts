import {
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose'
import type { CustomFetch } from 'openid-client'

export interface ProviderKeysOptions {
  /** Milliseconds. */
  readonly timeout: number
  readonly allowInsecureHttp?: boolean | undefined
  readonly fetch?: CustomFetch | undefined
}

/** Returns the keys at `uri`, which are fetched when they are needed, and anew when one is not among them. */
export function providerKeys(
  uri: string | undefined,
  options: ProviderKeysOptions,
): JWTVerifyGetKey {
  if (uri === undefined || !isTrustworthy(uri, options.allowInsecureHttp)) {
    throw new TypeError('the identity provider names no place for its keys that can be trusted')
  }
  const { fetch: own, timeout: timeoutDuration } = options
  const asked: FetchImplementation | undefined =
    own &&
    (async (url, init) =>
      own(url, { ...init, headers: Object.fromEntries(init.headers), body: undefined }))
  return createRemoteJWKSet(new URL(uri), {
    timeoutDuration,
    ...(asked ? { [customFetch]: asked } : {}),
  })
}

/** True for https, and for http where that was allowed. */
export function isTrustworthy(url: string, allowInsecureHttp: boolean | undefined): boolean {
  const { protocol } = URL.parse(url) ?? { protocol: '' }
  return protocol === 'https:' || (protocol === 'http:' && allowInsecureHttp === true)
}
