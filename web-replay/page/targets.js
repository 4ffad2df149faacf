import { getJson, postJson, Refusal } from './api.js'
import { byId, el } from './dom.js'
import { counted, timeElement } from './format.js'
import { listen } from './live.js'

/** @import { PlanPlace, TargetPage, TargetRow } from './api-types' */

const STEPS = [
  ['waiting', 'not begun'],
  ['adding', 'the new key is being added'],
  ['added', 'the new key stands beside the old one'],
  ['verified', 'a login with the new key was accepted'],
  ['removed', 'the old key was taken out'],
  ['proved', 'a login with the old key was refused'],
  ['withdrawn', 'the new key was taken out again'],
]

/** Notes of the last act, by key. @type {Map<string, HTMLElement>} */
const notes = new Map()
/** What is shown, by login and target. @type {Map<string, { text: string, note: Node | undefined, card: HTMLElement }>} */
const shown = new Map()
let csrfToken = ''
let isLoading = false
let isStale = false

start().catch(fail)

async function start() {
  csrfToken = /** @type {{ csrfToken: string }} */ (await getJson('/api/me')).csrfToken
  await load()
  listen('/api/targets/events', () => void load().catch(fail))
}

/** One load at a time; what changes meanwhile is loaded after it. */
async function load() {
  isStale = true
  if (isLoading) return
  isLoading = true
  try {
    while (isStale) {
      isStale = false
      show(/** @type {TargetPage} */ (await getJson('/api/targets')))
    }
  } finally {
    isLoading = false
  }
}

/** @param {TargetPage} page */
function show({ rows, frozen }) {
  byId('count').textContent = counted(rows.length, 'login')
  byId('freeze').replaceChildren(...(frozen === undefined ? [] : [freezeNotice(frozen)]))
  if (rows.length === 0) {
    shown.clear()
    byId('targets').replaceChildren(
      el('p', { class: 'quiet' }, 'No target has a login with a key of the vault yet.'),
    )
    return
  }
  const names = rows.map(({ login, target }) => `${login}@${target}`)
  const isSameList = names.join() === [...shown.keys()].join()
  if (!isSameList) shown.clear()
  rows.forEach((row, at) => place(names[at] ?? '', row))
  if (!isSameList) byId('targets').replaceChildren(...[...shown.values()].map(({ card }) => card))
}

/**
 * Shows a row anew where it has changed; the others keep what somebody does to them.
 *
 * @param {string} name
 * @param {TargetRow} row
 */
function place(name, row) {
  const before = shown.get(name)
  const text = JSON.stringify(row)
  const lastNote = notes.get(row.key)
  if (before !== undefined && before.text === text && before.note === lastNote) return
  const made = card(row)
  shown.set(name, { text, note: lastNote, card: made })
  if (before === undefined) return
  const focus = document.activeElement
  const label = before.card.contains(focus) ? focus?.getAttribute('aria-label') : undefined
  before.card.replaceWith(made)
  if (typeof label !== 'string') return
  const again = [...made.querySelectorAll('button')].find(
    (one) => one.getAttribute('aria-label') === label,
  )
  again?.focus()
}

/** @param {{ name: string, until: number }} frozen */
function freezeNotice({ name, until }) {
  return el(
    'p',
    { class: 'notice', role: 'status' },
    `Freeze ${name}: no rotation begins until `,
    timeElement(until),
    '.',
  )
}

/** @param {TargetRow} row */
function card(row) {
  const { target, login, key, version, createdAt, fingerprint, seen, rotation, run, next } = row
  const facts = el(
    'dl',
    { class: 'facts' },
    fact('Key', `${key}, version ${version}`),
    fact('In use since', timeElement(createdAt)),
    fact('Fingerprint', el('code', {}, fingerprint)),
    fact('Last login by us', ...seenText(seen)),
    fact('Last rotation', rotation === undefined ? 'none yet' : rotation.phase),
    fact('Next rotation', ...nextText(next)),
  )
  return el(
    'section',
    { class: 'target', 'aria-label': `${login} at ${target}` },
    el(
      'div',
      { class: 'target-head' },
      el('h2', {}, login, el('span', { class: 'at' }, '@'), target),
      ...Object.entries(row.labels).map(([name, value]) =>
        el('span', { class: 'chip' }, `${name}=${value}`),
      ),
      el('span', { class: 'grow' }),
      el(
        'span',
        { class: 'acts' },
        button('Dry run', `Dry run of ${key}`, () => plan(key)),
        button('Rotate', `Rotate ${key}`, () => rotate(key), run?.isUnderWay === true),
      ),
    ),
    facts,
    ...(rotation === undefined ? [] : [steps(row)]),
    ...(run?.problem === undefined || run.problem === rotation?.problem
      ? []
      : [el('p', { class: 'trouble' }, `Last run: ${run.state}: ${run.problem}`)]),
    ...(notes.has(key) ? [/** @type {HTMLElement} */ (notes.get(key))] : []),
  )
}

/** @param {TargetRow['seen']} seen */
function seenText(seen) {
  if (seen === undefined) return ['not looked at yet']
  const chip = seen.result === 'accepted' ? 'chip-allow' : 'chip-deny'
  const why = seen.problem === undefined ? [] : [` ${seen.problem}`]
  return [el('span', { class: `chip ${chip}` }, seen.result), ' ', timeElement(seen.at), ...why]
}

/** @param {TargetRow['next']} next */
function nextText(next) {
  if (next === undefined) return ['by hand']
  const { schedule, due, begins, blocked } = next
  const by = `, by schedule ${schedule}`
  if (begins !== undefined) return [timeElement(begins), by]
  const since = due === undefined ? [] : [' Due ', timeElement(due), '.']
  const why = blocked ?? 'its hours lie in a freeze'
  return [el('span', { class: 'trouble' }, `held back${by}: ${why}.`), ...since]
}

/** @param {TargetRow} row */
function steps({ rotation, target, login }) {
  const place = rotation?.places.find((one) => one.target === target && one.login === login)
  const at = STEPS.findIndex(([step]) => step === place?.step)
  const said = STEPS[at]?.[1] ?? ''
  const problem = place?.problem ?? rotation?.problem
  return el(
    'p',
    { class: 'steps', role: 'status' },
    el('progress', {
      max: '5',
      value: String(Math.min(at, 5)),
      'aria-label': 'steps of the rotation',
    }),
    ` ${said}`,
    ...(problem === undefined ? [] : [el('span', { class: 'trouble' }, ` ${problem}`)]),
  )
}

/** @param {string} key */
async function plan(key) {
  const path = `/api/targets/keys/${encodeURIComponent(key)}/plan`
  const { places } = /** @type {{ places: readonly PlanPlace[] }} */ (
    await postJson(path, { csrfToken })
  )
  const lines = places.flatMap(({ target, login, found, problems, warnings }) => [
    el('li', {}, `${login}@${target}: ${found.length === 0 ? 'not found' : found.join(', ')}`),
    ...problems.map((text) => el('li', { class: 'trouble' }, `cannot: ${text}`)),
    ...warnings.map((text) => el('li', {}, `note: ${text}`)),
  ])
  const clear = places.every(({ problems }) => problems.length === 0)
  const said = clear
    ? 'Nothing was changed; it could begin.'
    : 'Nothing was changed; it would not begin.'
  note(key, el('p', {}, said), el('ul', {}, ...lines))
  await load()
}

/** @param {string} key */
async function rotate(key) {
  notes.delete(key)
  await postJson(`/api/targets/keys/${encodeURIComponent(key)}/rotate`, { csrfToken })
  await load()
}

/**
 * @param {string} key
 * @param {readonly Node[]} content
 */
function note(key, ...content) {
  notes.set(key, el('div', { class: 'note', role: 'status' }, ...content))
}

/**
 * @param {string} text
 * @param {string} label
 * @param {() => Promise<void>} act
 * @param {boolean} isBusy
 */
function button(text, label, act, isBusy = false) {
  const made = el('button', { type: 'button', 'aria-label': label }, text)
  made.disabled = isBusy
  made.addEventListener('click', () => {
    made.disabled = true
    act()
      .catch(fail)
      .finally(() => {
        made.disabled = false
      })
  })
  return made
}

/**
 * @param {string} name
 * @param {readonly (Node | string)[]} value
 */
function fact(name, ...value) {
  return el('div', {}, el('dt', {}, name), el('dd', {}, ...value))
}

/** @param {unknown} error */
function fail(error) {
  const words = error instanceof Error ? error.message : String(error)
  const again =
    error instanceof Refusal && error.signIn !== undefined
      ? [' ', el('a', { href: error.signIn }, 'Sign in again')]
      : []
  byId('trouble').replaceChildren(
    el('p', { class: 'notice notice-deny', role: 'alert' }, words, ...again),
  )
}
