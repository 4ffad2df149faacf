const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/

/** Returns where notices go. Throws TypeError unless it is https, or http on loopback, without credentials. */
export function parseWebhookUrl(text: string): URL {
  if (!URL.canParse(text)) throw new TypeError('the webhook is not a URL')
  const url = new URL(text)
  const isPlainLoopback = url.protocol === 'http:' && LOOPBACK.test(url.hostname)
  if (url.protocol !== 'https:' && !isPlainLoopback) {
    throw new TypeError('the webhook must be https, or http on loopback')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('the webhook must not hold a name or a password')
  }
  return url
}
