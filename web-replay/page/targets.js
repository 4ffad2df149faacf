import { getJson, postJson, Refusal } from './api.js'
import { byId, el } from './dom.js'
import { counted, timeElement } from './format.js'

/** @import { PlanPlace, TargetPage, TargetRow } from './api-types' */

/** Milliseconds between looks at a rotation that goes on. */
const LOOK_AGAIN = 500
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
/** Keys whose rotation was asked for here and goes on. @type {Set<string>} */
const rotating = new Set()
let csrfToken = ''

start().catch(fail)

async function start() {
  csrfToken = /** @type {{ csrfToken: string }} */ (await getJson('/api/me')).csrfToken
  await load()
}

async function load() {
  const { rows } = /** @type {TargetPage} */ (await getJson('/api/targets'))
  for (const { key, rotation } of rows)
    if (rotation !== undefined && ['done', 'withdrawn'].includes(rotation.phase))
      rotating.delete(key)
  const place = byId('targets')
  byId('count').textContent = counted(rows.length, 'login')
  if (rows.length === 0) {
    place.replaceChildren(
      el('p', { class: 'quiet' }, 'No target has a login with a key of the vault yet.'),
    )
    return
  }
  place.replaceChildren(...rows.map(card))
  if (rotating.size > 0) setTimeout(() => load().catch(fail), LOOK_AGAIN)
}

/** @param {TargetRow} row */
function card(row) {
  const { target, login, key, version, createdAt, fingerprint, seen, rotation } = row
  const facts = el(
    'dl',
    { class: 'facts' },
    fact('Key', `${key}, version ${version}`),
    fact('In use since', timeElement(createdAt)),
    fact('Fingerprint', el('code', {}, fingerprint)),
    fact('Last login by us', ...seenText(seen)),
    fact('Last rotation', rotation === undefined ? 'none yet' : rotation.phase),
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
        button('Rotate', `Rotate ${key}`, () => rotate(key), rotating.has(key)),
      ),
    ),
    facts,
    ...(rotation === undefined ? [] : [steps(row)]),
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
  rotating.add(key)
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
