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
  return problem.detail ?? problem.title ?? `The server answered ${response.status}.`
}
