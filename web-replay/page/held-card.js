import { Refusal, postJson } from './api.js'
import { el } from './dom.js'
import { clock, counted, timeElement } from './format.js'
import { chip } from './outcome.js'
import { numberedLines, variableBoxes, wordBoxes } from './pieces.js'

/** @import { DecisionAnswer, HeldRow } from './api-types' */

const MINUTES = [5, 15, 30, 60, 120, 240, 480]

/**
 * One held command. What would run never changes in a card; who has approved, the time left and the end do. A card
 * keeps its place and its height when it ends, so that no button moves under a pointer.
 */
export class HeldCard {
  /** @type {HeldRow} */
  #row
  #csrfToken
  #isOver = false
  #isBusy = false
  #left = el('span', { class: 'left' })
  #waits = el('p', { class: 'quiet' })
  #outcome = el('p', { class: 'outcome', role: 'status' })
  #fields = el('fieldset', { class: 'verdict' })
  #reason = el('input', { type: 'text', maxlength: '1024', autocomplete: 'off' })
  #minutes = el('select', {})
  element

  /**
   * @param {HeldRow} row
   * @param {string} csrfToken
   */
  constructor(row, csrfToken) {
    this.#row = row
    this.#csrfToken = csrfToken
    const heading = el('h2', { id: `t-${row.ticket}` }, row.identity)
    heading.append(el('span', { class: 'quiet' }, ' at '), row.login)
    heading.append(el('span', { class: 'at' }, '@'), row.target)
    this.element = el(
      'article',
      { class: 'held', 'aria-labelledby': `t-${row.ticket}`, 'data-ticket': row.ticket },
      el('div', { class: 'heading' }, heading, chip('plain', `rule ${row.rule}`), this.#left),
      ...whatRuns(row),
      background(row),
      this.#waits,
      this.#form(),
      this.#outcome,
    )
    this.update(row)
  }

  get isOver() {
    return this.#isOver
  }

  /** @param {HeldRow} row */
  update(row) {
    if (this.#isOver) return
    this.#row = row
    const said = row.approvals.map(({ name, reason }) => (reason ? `${name} (“${reason}”)` : name))
    const approved = said.length > 0 ? `Approved by ${said.join(', ')}. ` : ''
    this.#waits.textContent =
      row.waitsFor === '' ? approved : `${approved}Waits for ${row.waitsFor}.`
    this.#fields.disabled = row.barred !== undefined || this.#isBusy
    if (row.barred !== undefined && !this.#isBusy) this.#say(row.barred, 'quiet')
    if (row.state !== 'pending') this.end(row)
  }

  /**
   * Shows the time left by the server's clock.
   *
   * @param {number} now
   */
  tick(now) {
    if (this.#isOver) return
    const seconds = Math.max(0, Math.ceil((this.#row.expiresAt - now) / 1000))
    this.#left.textContent = `${clock(seconds)} left`
    this.#left.classList.toggle('is-short', seconds <= 30)
  }

  /** @param {HeldRow} row */
  end(row) {
    this.#over()
    const by = row.ended?.by === undefined ? '' : ` by ${row.ended.by}`
    const why = row.ended?.reason ? `: ${row.ended.reason}` : ''
    const names = row.approvals.map(({ name }) => name).join(', ')
    if (row.state === 'used') this.#say(`Approved by ${names}.`, 'allow')
    else this.#say(`No longer waiting: ${row.state}${by}${why}.`, 'deny')
  }

  #over() {
    this.#isOver = true
    this.#left.textContent = 'ended'
    this.#left.classList.remove('is-short')
    this.#fields.disabled = true
    this.element.classList.add('is-over')
  }

  #form() {
    const { reasonRequired, grantSeconds } = this.#row
    const label = reasonRequired ? 'Reason (needed to approve)' : 'Reason'
    const once = el('button', { type: 'button', class: 'approve' }, 'Approve once')
    const refuse = el('button', { type: 'button', class: 'refuse' }, 'Refuse')
    once.addEventListener('click', () => void this.#decide('approve', 0))
    refuse.addEventListener('click', () => void this.#decide('refuse', 0))
    this.#fields.append(el('legend', { class: 'unseen' }, 'Your decision'))
    this.#fields.append(el('label', { class: 'reason' }, label, this.#reason))
    const buttons = el('div', { class: 'buttons' }, once)
    if (grantSeconds >= 60) buttons.append(this.#grantChoice(grantSeconds))
    buttons.append(refuse)
    this.#fields.append(buttons)
    return this.#fields
  }

  /** @param {number} most */
  #grantChoice(most) {
    const whole = Math.floor(most / 60)
    const choices = [...MINUTES.filter((each) => each < whole), whole]
    for (const each of choices)
      this.#minutes.append(el('option', { value: String(each) }, `${each} min`))
    this.#minutes.setAttribute('aria-label', 'For how long')
    const button = el('button', { type: 'button', class: 'approve' }, 'Approve for')
    button.title = 'This rule, this identity, this target and this login, without asking again'
    button.addEventListener(
      'click',
      () => void this.#decide('approve', Number(this.#minutes.value) * 60),
    )
    return el('span', { class: 'grant' }, button, this.#minutes)
  }

  /**
   * @param {'approve' | 'refuse'} verdict
   * @param {number} grantSeconds
   */
  async #decide(verdict, grantSeconds) {
    const { ticket, digest } = this.#row
    this.#isBusy = true
    this.#fields.disabled = true
    this.#say('Sending…', 'quiet')
    try {
      const body = {
        verdict,
        digest,
        grantSeconds,
        reason: this.#reason.value,
        csrfToken: this.#csrfToken,
      }
      const path = `/api/approvals/${encodeURIComponent(ticket)}/decision`
      this.#answered(/** @type {DecisionAnswer} */ (await postJson(path, body)))
    } catch (error) {
      this.#refused(error)
    }
    this.#isBusy = false
  }

  /** @param {DecisionAnswer} answer */
  #answered(answer) {
    if (answer.kind === 'waiting') {
      this.#say(`You approved. Waits for ${answer.waitsFor}.`, 'allow')
      return
    }
    this.#over()
    if (answer.kind === 'refused') this.#say('You refused. It will not run.', 'deny')
    else if (answer.grantUntil === undefined) this.#say('You approved. It runs now, once.', 'allow')
    else {
      this.#say('You approved. It runs now, and others like it until ', 'allow')
      this.#outcome.append(timeElement(answer.grantUntil), '.')
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    if (this.#isOver) return
    this.#fields.disabled = false
    this.#say(error instanceof Error ? error.message : String(error), 'deny')
    if (!(error instanceof Refusal) || error.signIn === undefined) return
    this.#outcome.append(' ', el('a', { class: 'button', href: error.signIn }, 'Sign in again'))
  }

  /**
   * @param {string} text
   * @param {'allow' | 'deny' | 'quiet'} kind
   */
  #say(text, kind) {
    this.#outcome.className = `outcome outcome-${kind}`
    this.#outcome.replaceChildren(text)
  }
}

/** @param {HeldRow} row */
function whatRuns(row) {
  const sent = el('div', { class: 'sent' }, numberedLines(row.lines))
  if (row.variables.length > 0) {
    const title = `With ${counted(row.variables.length, 'variable')} that the agent has set`
    sent.append(el('p', { class: 'quiet label' }, title), variableBoxes(row.variables))
  }
  if (!row.judged) {
    const notice = el('p', { class: 'notice' }, el('strong', {}, 'Not judged: exact text. '))
    notice.append('No rule could resolve it. It runs as it stands here, or not at all.')
    return [notice, sent]
  }
  const title = `What is sent, all of it (${counted(row.lines.length, 'line')})`
  return [wordBoxes(row.argv), el('p', { class: 'quiet label' }, title), sent]
}

/** @param {HeldRow} row */
function background(row) {
  const facts = [
    fact('Came from', row.clientAddress),
    fact('Subject', row.subject),
    fact('Issuer', row.issuer),
    ...Object.entries(row.claims).map(([name, value]) =>
      fact(name, typeof value === 'string' ? value : JSON.stringify(value)),
    ),
  ]
  const before = row.before.map((text) => el('li', {}, el('code', {}, text)))
  const none = el('p', { class: 'quiet' }, 'This is the first command of its connection.')
  const recording = `/sessions/${encodeURIComponent(row.recordingId)}`
  return el(
    'details',
    { class: 'background' },
    el('summary', {}, `Who asks, and ${counted(row.before.length, 'earlier command')}`),
    el('dl', { class: 'facts' }, ...facts),
    before.length === 0 ? none : el('ol', { class: 'before' }, ...before),
    el('p', {}, el('a', { href: recording }, 'Its session')),
  )
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return el('div', {}, el('dt', {}, name), el('dd', {}, el('code', {}, value)))
}
