/**
 * Returns the JSON at `path`. When the sign-in has ended the browser goes to sign in again and the
 * promise stays pending; any other refusal throws with the problem's own words.
 *
 * @template T
 * @param {string} path
 * @returns {Promise<T>}
 */
export async function getJson(path) {
  const response = await getPath(path)
  return response.json()
}

/**
 * Returns the text at `path`, as `getJson` does.
 *
 * @param {string} path
 * @returns {Promise<string>}
 */
export async function getText(path) {
  const response = await getPath(path)
  return response.text()
}

/** A refusal in the server's words; `signIn` is where to go when the sign-in is too old. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {string | undefined} signIn
   */
  constructor(message, signIn) {
    super(message)
    this.signIn = signIn
  }
}

/**
 * Sends `body` as JSON and returns the JSON of the answer. Throws a Refusal with the server's words.
 *
 * @template T
 * @param {string} path
 * @param {Readonly<Record<string, unknown>>} body
 * @returns {Promise<T>}
 */
export async function postJson(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.status === 401) return signInAgain()
  if (response.ok) return response.json()
  const problem = await response.json().catch(() => ({}))
  throw new Refusal(wordsOf(problem, response.status), problem.signIn)
}

/** @param {string} path */
async function getPath(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } })
  if (response.status === 401) return signInAgain()
  if (!response.ok) throw new Error(await sentenceOf(response))
  return response
}

/** @returns {Promise<never>} */
function signInAgain() {
  const here = location.pathname + location.search
  location.assign(`/login?returnTo=${encodeURIComponent(here)}`)
  return new Promise(() => {})
}

/** @param {Response} response */
async function sentenceOf(response) {
  const problem = await response.json().catch(() => ({}))
  return wordsOf(problem, response.status)
}

/**
 * @param {{ readonly detail?: string, readonly title?: string }} problem
 * @param {number} status
 */
function wordsOf(problem, status) {
  return problem.detail ?? problem.title ?? `The server answered ${status}.`
}
