import { el } from './dom.js'

/**
 * One filter: the parameter it is in the URL and in the API, and the control that sets it.
 *
 * @typedef {{
 *   readonly name: string,
 *   readonly label: string,
 *   readonly kind: 'text' | 'time' | 'choice',
 *   readonly choices?: readonly (readonly [value: string, label: string])[],
 *   readonly example?: string,
 *   readonly isRare?: boolean,
 * }} Filter
 */

/** @type {readonly Filter[]} */
export const FILTERS = [
  { name: 'agent', label: 'Identity', kind: 'text', example: 'github/acme/shop' },
  { name: 'target', label: 'Target', kind: 'text', example: 'web-1' },
  {
    name: 'kind',
    label: 'Activity',
    kind: 'choice',
    choices: [
      ['exec', 'command'],
      ['shell', 'shell'],
      ['sftp', 'sftp'],
      ['scp', 'scp'],
      ['rsync', 'rsync'],
      ['git', 'git'],
      ['forward', 'port forward'],
      ['subsystem', 'other subsystem'],
    ],
  },
  {
    name: 'decision',
    label: 'Decision',
    kind: 'choice',
    choices: [
      ['denied', 'something denied'],
      ['held', 'something held'],
      ['not-judged', 'something not judged'],
      ['allowed', 'something allowed'],
    ],
  },
  { name: 'from', label: 'Started from', kind: 'time' },
  { name: 'to', label: 'Started before', kind: 'time' },
  { name: 'activeAt', label: 'Active at', kind: 'time', isRare: true },
  {
    name: 'status',
    label: 'State',
    kind: 'choice',
    isRare: true,
    choices: [
      ['running', 'running'],
      ['ended', 'ended'],
      ['interrupted', 'interrupted'],
      ['failed', 'failed'],
    ],
  },
  { name: 'exit', label: 'Exit status', kind: 'text', example: '0, failed, signal', isRare: true },
  { name: 'rule', label: 'Rule', kind: 'text', example: 'no-removal', isRare: true },
  { name: 'login', label: 'Login', kind: 'text', example: 'deploy', isRare: true },
]

const CLAIM = 'claim.'

/**
 * Returns what a query asks for, a name and a value each, in the order of the controls; the text to
 * search for and the place in the list are not among them.
 *
 * @param {URLSearchParams} query
 * @returns {readonly (readonly [name: string, value: string])[]}
 */
export function filtersIn(query) {
  return [...query].filter(([name]) => !['q', 'before'].includes(name))
}

/**
 * Returns the form in which sessions are found. Sending it goes to the page with the same in its
 * address, so that what is seen can be passed on, and the browser's own keys go back.
 *
 * @param {URLSearchParams} query
 */
export function findForm(query) {
  const rare = FILTERS.filter(({ isRare }) => isRare === true)
  const claims = [...query].filter(([name]) => name.startsWith(CLAIM))
  const more = el(
    'details',
    { class: 'more-filters' },
    el('summary', {}, 'More filters'),
    el(
      'div',
      { class: 'filters' },
      ...rare.map((filter) => control(filter, query)),
      claimControl(claims.at(0)),
    ),
  )
  more.open = rare.some(({ name }) => query.has(name)) || claims.length > 0
  const form = el(
    'form',
    { class: 'find', action: '/', role: 'search', 'aria-label': 'Sessions' },
    searchBox(query),
    el(
      'div',
      { class: 'filters' },
      ...FILTERS.filter(({ isRare }) => isRare !== true).map((filter) => control(filter, query)),
    ),
    more,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    go(form, claims.slice(1))
  })
  form.addEventListener('change', (event) => {
    if (event.target instanceof HTMLSelectElement) go(form, claims.slice(1))
  })
  return form
}

/** @param {URLSearchParams} query */
function searchBox(query) {
  const input = el('input', {
    type: 'search',
    name: 'q',
    id: 'find-q',
    maxlength: '256',
    value: query.get('q') ?? '',
    placeholder: 'A part of a command, or words of its output',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-keyshortcuts': '/',
  })
  const label = el('label', { class: 'unseen', for: 'find-q' }, 'Search commands and output')
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select')
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    input.focus()
    input.select()
  })
  return el(
    'div',
    { class: 'search-box' },
    label,
    input,
    el('button', { type: 'submit', class: 'primary' }, 'Find'),
  )
}

/**
 * @param {Filter} filter
 * @param {URLSearchParams} query
 */
function control({ name, label, kind, choices = [], example = '' }, query) {
  const value = query.get(name) ?? ''
  const id = `find-${name}`
  const labelled = el('label', { for: id }, label)
  if (kind === 'choice') {
    const options = choices.map(([each, words]) => option(each, words, value))
    const select = el('select', { name, id }, option('', 'any', value), ...options)
    return el('div', { class: 'filter' }, labelled, select)
  }
  const type = kind === 'time' ? 'datetime-local' : 'text'
  const shown = kind === 'time' ? localTime(value) : value
  const attributes = { name, id, type, value: shown, placeholder: example, autocomplete: 'off' }
  return el('div', { class: 'filter' }, labelled, el('input', attributes))
}

/** @param {readonly [string, string] | undefined} claim */
function claimControl(claim) {
  const [name = '', value = ''] = claim ?? []
  const common = { type: 'text', autocomplete: 'off' }
  return el(
    'fieldset',
    { class: 'filter claim' },
    el('legend', {}, 'Claim'),
    el('input', {
      ...common,
      name: 'claim',
      value: name.slice(CLAIM.length),
      placeholder: 'repository',
      'aria-label': 'Name of the claim',
    }),
    el('input', {
      ...common,
      name: 'claimValue',
      value,
      placeholder: 'acme/shop',
      'aria-label': 'Value of the claim',
    }),
  )
}

/**
 * @param {string} value
 * @param {string} words
 * @param {string} chosen
 */
function option(value, words, chosen) {
  return el('option', value === chosen ? { value, selected: '' } : { value }, words)
}

/**
 * @param {HTMLFormElement} form
 * @param {readonly (readonly [string, string])[]} otherClaims
 */
function go(form, otherClaims) {
  const entries = new FormData(form)
  /** @param {string} name */
  const textOf = (name) => {
    const value = entries.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const query = new URLSearchParams()
  if (textOf('q') !== '') query.set('q', textOf('q'))
  for (const { name, kind } of FILTERS) {
    const text = textOf(name)
    if (text !== '') query.set(name, kind === 'time' ? new Date(text).toISOString() : text)
  }
  if (textOf('claim') !== '' && textOf('claimValue') !== '') {
    query.set(`${CLAIM}${textOf('claim')}`, textOf('claimValue'))
  }
  for (const [name, value] of otherClaims) query.set(name, value)
  location.assign(pathOf(query))
}

/**
 * Returns the address of the list with these filters.
 *
 * @param {URLSearchParams} query
 */
export function pathOf(query) {
  const text = String(query)
  return text === '' ? '/' : `/?${text}`
}

/**
 * Returns the filters as links, each of which takes it away.
 *
 * @param {URLSearchParams} query
 */
export function filterChips(query) {
  const chips = filtersIn(query).map(([name, value]) => {
    const rest = new URLSearchParams(query)
    rest.delete(name)
    rest.delete('before')
    const label = FILTERS.find((filter) => filter.name === name)?.label ?? name
    return el(
      'li',
      {},
      el(
        'a',
        { class: 'filter-chip', href: pathOf(rest), 'aria-label': `Without ${label} ${value}` },
        el('span', { class: 'quiet' }, `${label} `),
        value,
        el('span', { class: 'cross', 'aria-hidden': 'true' }, ' ×'),
      ),
    )
  })
  return el('ul', { class: 'filter-chips', 'aria-label': 'Filters' }, ...chips)
}

/**
 * Returns a time of the address as the control wants it: local, without a zone.
 *
 * @param {string} text
 */
function localTime(text) {
  const date = new Date(text)
  if (text === '' || Number.isNaN(date.getTime())) return ''
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, date.getSeconds() === 0 ? 16 : 19)
}
