import { byId } from './dom.js'

/** Milliseconds until a stream that was refused is asked for again. */
const LOOK_AGAIN = 10_000

/**
 * Has `look` called whenever the stream at `address` says that something has changed, and shows whether it is there.
 *
 * @param {string} address
 * @param {() => void} look
 */
export function listen(address, look) {
  const source = new EventSource(address)
  source.addEventListener('open', () => {
    byId('live').textContent = 'live'
    look()
  })
  source.addEventListener('changed', look)
  source.addEventListener('error', () => {
    byId('live').textContent = 'not live, looking again…'
    if (source.readyState !== EventSource.CLOSED) return
    setTimeout(() => {
      listen(address, look)
      look()
    }, LOOK_AGAIN)
  })
}
