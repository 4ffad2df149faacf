const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/

/**
 * Returns the URL under which browsers reach the app. Throws TypeError unless it is https, or http
 * on loopback (browsers keep `Secure` cookies there), and has no path, query or credentials.
 */
export function parseExternalUrl(text: string): URL {
  if (!URL.canParse(text)) throw new TypeError(`"externalUrl" is not a URL: ${text}`)
  const url = new URL(text)
  const isPlainLoopback = url.protocol === 'http:' && LOOPBACK.test(url.hostname)
  if (url.protocol !== 'https:' && !isPlainLoopback) {
    throw new TypeError('"externalUrl" must be https, or http on loopback')
  }
  if (url.href !== `${url.origin}/`) {
    throw new TypeError('"externalUrl" must be a scheme, a host and a port, and nothing more')
  }
  return url
}
