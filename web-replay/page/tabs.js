import { el } from './dom.js'

/** @typedef {{ name: string, panel: HTMLElement, onShow: () => void }} Tab */

/** Panels of which one is seen: arrow keys go from tab to tab, as the pattern of the ARIA guide has it. */
export class Tabs {
  #tabs
  #buttons
  #shown = -1

  /**
   * @param {string} label
   * @param {readonly Tab[]} tabs
   */
  constructor(label, tabs) {
    this.#tabs = tabs
    this.#buttons = tabs.map(({ name }, index) => {
      const id = name.toLowerCase()
      const button = el(
        'button',
        { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` },
        name,
      )
      button.addEventListener('click', () => this.show(index))
      button.addEventListener('keydown', (event) => this.#key(event, index))
      return button
    })
    for (const { name, panel } of tabs) {
      const id = name.toLowerCase()
      panel.id = `panel-${id}`
      panel.setAttribute('role', 'tabpanel')
      panel.setAttribute('aria-labelledby', `tab-${id}`)
      panel.hidden = true
    }
    const list = el('div', { class: 'tabs', role: 'tablist', 'aria-label': label })
    list.append(...this.#buttons)
    const panels = tabs.map(({ panel }) => panel)
    this.element = el('section', { class: 'panel', 'aria-label': label }, list, ...panels)
    this.show(0)
  }

  /** @param {number} index */
  show(index) {
    if (index === this.#shown) return
    this.#shown = index
    for (const [at, button] of this.#buttons.entries()) {
      button.setAttribute('aria-selected', String(at === index))
      button.tabIndex = at === index ? 0 : -1
    }
    for (const [at, { panel }] of this.#tabs.entries()) panel.hidden = at !== index
    this.#tabs[index]?.onShow()
  }

  /** Shows what is seen anew, for another channel. */
  refresh() {
    this.#tabs[this.#shown]?.onShow()
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} index
   */
  #key(event, index) {
    const steps = new Map([
      ['ArrowRight', 1],
      ['ArrowLeft', -1],
    ])
    const step = steps.get(event.key)
    if (step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const next = (index + step + this.#tabs.length) % this.#tabs.length
    this.show(next)
    this.#buttons[next]?.focus()
  }
}
