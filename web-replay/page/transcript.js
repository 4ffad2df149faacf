import { getJson } from './api.js'
import { el } from './dom.js'
import { clock } from './format.js'

/** @import { TranscriptLine, TranscriptPage } from './replay-types' */

/** Lines that are laid out together. */
const BLOCK = 100
/** Lines that the page holds at once. */
const MOST = 50_000

/**
 * All that was printed, as text: to read, to search, to copy. Press the time of a line to go there.
 */
export class Transcript {
  element = el('div', { class: 'transcript-panel' })
  #onPick
  #base = ''
  /** @type {string | undefined} */
  #next
  #count = 0
  #lines = el('div', {
    class: 'transcript',
    tabindex: '0',
    role: 'region',
    'aria-label': 'Transcript',
  })
  #status = el('p', { class: 'quiet', role: 'status' })
  #more = el('button', { type: 'button' }, 'More')
  #words = el('input', {
    type: 'search',
    placeholder: 'Search the transcript',
    'aria-label': 'Search the transcript',
    maxlength: '200',
  })
  #hits = el('div', { class: 'hits' })
  #tools = el('span', { class: 'tools' })

  /** @param {{ onPick: (seconds: number) => void }} options */
  constructor({ onPick }) {
    this.#onPick = onPick
    const form = el('form', { class: 'search', role: 'search' }, this.#words)
    form.append(el('button', { type: 'submit' }, 'Search'))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#search().catch((error) => this.#fail(error))
    })
    this.#words.addEventListener('input', () => {
      if (this.#words.value === '') this.#hits.replaceChildren()
    })
    this.#more.addEventListener(
      'click',
      () => void this.#load().catch((error) => this.#fail(error)),
    )
    const copy = el('button', { type: 'button' }, 'Copy')
    copy.addEventListener('click', () => void this.#copy(copy))
    const head = el('div', { class: 'panel-tools' }, form, copy, this.#tools)
    this.element.append(head, this.#hits, this.#lines, this.#status, this.#more)
    this.#more.hidden = true
  }

  /**
   * @param {string} base address of the channel in the API; an empty one for none
   * @param {boolean} mayDownload
   */
  async show(base, mayDownload) {
    if (base === this.#base) return
    this.#base = base
    this.#next = undefined
    this.#count = 0
    this.#lines.replaceChildren()
    this.#hits.replaceChildren()
    const link = { class: 'button', href: `${base}/text`, download: '' }
    this.#tools.replaceChildren(...(mayDownload ? [el('a', link, 'Download as text')] : []))
    await this.#load().catch((error) => this.#fail(error))
  }

  focusSearch() {
    this.#words.focus()
    this.#words.select()
  }

  async #load() {
    const base = this.#base
    this.#say('Loading…')
    this.#more.hidden = true
    const query = this.#next === undefined ? '' : `?after=${this.#next}`
    const page = /** @type {TranscriptPage} */ (await getJson(`${base}/transcript${query}`))
    if (base !== this.#base) return
    for (let at = 0; at < page.lines.length; at += BLOCK) {
      const rows = page.lines.slice(at, at + BLOCK).map((line) => this.#row(line))
      // What is not laid out yet is taken to be as high as a full block.
      this.#lines.append(el('div', rows.length < BLOCK ? {} : { class: 'block' }, ...rows))
    }
    this.#count += page.lines.length
    this.#next = page.next
    const isFull = this.#count >= MOST
    this.#more.hidden = page.next === undefined || isFull
    if (isFull && page.next !== undefined)
      this.#say(`The first ${this.#count} lines. Search finds the rest.`)
    else if (this.#count === 0) this.#say('Nothing was printed.')
    else this.#say(page.next === undefined ? '' : `The first ${this.#count} lines.`)
  }

  /** @param {string} [after] */
  async #search(after) {
    const words = this.#words.value
    if (words.trim() === '') return
    const base = this.#base
    const query = new URLSearchParams({ find: words })
    if (after !== undefined) query.set('after', after)
    if (after === undefined) this.#hits.replaceChildren(el('p', { class: 'quiet' }, 'Searching…'))
    const page = /** @type {TranscriptPage} */ (await getJson(`${base}/transcript?${query}`))
    if (base !== this.#base) return
    if (after === undefined) this.#hits.replaceChildren()
    this.#hits.querySelector('.further')?.remove()
    this.#hits.append(...page.lines.map((line) => this.#row(line, words)))
    const found = this.#hits.querySelectorAll('.line').length
    if (found === 0 && page.next === undefined) {
      this.#hits.replaceChildren(
        el('p', { class: 'quiet', role: 'status' }, 'Not in this transcript.'),
      )
    }
    const { next } = page
    if (next === undefined) return
    const button = el('button', { type: 'button' }, 'Search further')
    button.addEventListener(
      'click',
      () => void this.#search(next).catch((error) => this.#fail(error)),
    )
    this.#hits.append(el('p', { class: 'further' }, `${found} so far. `, button))
  }

  /** @param {HTMLButtonElement} button */
  async #copy(button) {
    const chosen = getSelection()?.toString() ?? ''
    const texts = [...this.#lines.querySelectorAll('code')].map((line) => line.textContent ?? '')
    await navigator.clipboard.writeText(chosen === '' ? texts.join('\n') : chosen)
    button.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, 1500)
  }

  /**
   * @param {TranscriptLine} line
   * @param {string} [words] to mark in it
   */
  #row({ time, text, kind }, words) {
    const at = el('button', { type: 'button', class: 'line-time' }, clock(time))
    at.setAttribute('aria-label', `Go to ${clock(time)}`)
    at.addEventListener('click', () => this.#onPick(time))
    const row = el('div', { class: `line${kind === undefined ? '' : ` line-${kind}`}` }, at)
    if (kind === 'stderr')
      row.append(el('span', { class: 'line-kind', title: 'standard error' }, 'err'))
    row.append(el('code', {}, ...(words === undefined ? [text] : marked(text, words))))
    return row
  }

  /** @param {string} text */
  #say(text) {
    this.#status.textContent = text
  }

  /** @param {Error} error */
  #fail(error) {
    this.#say(error.message)
  }
}

/**
 * @param {string} text
 * @param {string} words
 * @returns {readonly (Node | string)[]}
 */
function marked(text, words) {
  const at = text.toLowerCase().indexOf(words.toLowerCase())
  if (at === -1) return [text]
  const found = text.slice(at, at + words.length)
  return [text.slice(0, at), el('mark', {}, found), text.slice(at + words.length)]
}
