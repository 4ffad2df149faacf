import { getJson } from './api.js'
import { CommonClock } from './common-clock.js'
import { CompareSide } from './compare-side.js'
import { byId, el } from './dom.js'
import { clock as clockText } from './format.js'
import { listenForKeys } from './shortcuts.js'

/** @import { SessionDetail } from './api-types' */

const SPEEDS = [0.5, 1, 2, 4, 8, 16]
/** Milliseconds between looks at whether both are where they should be. */
const LOOK = 200

const place = byId('compare')
const wanted = new URLSearchParams(location.search)

show().catch((/** @type {Error} */ error) => {
  place.replaceChildren(
    el('p', { class: 'notice notice-deny', role: 'alert' }, error.message),
    el('p', { class: 'actions' }, el('a', { class: 'button', href: '/' }, 'All sessions')),
  )
})

async function show() {
  const details = await Promise.all(
    ['a', 'b'].map((name) => {
      const id = encodeURIComponent(wanted.get(name) ?? '')
      return /** @type {Promise<SessionDetail>} */ (getJson(`/api/sessions/${id}`))
    }),
  )
  const clock = new CommonClock(() => performance.now())
  let isTogether = true
  /** The side that keys act on while each is played by itself. @type {CompareSide | undefined} */
  let active

  const sides = details.map((detail, index) => {
    /** @type {CompareSide} */
    const side = new CompareSide({
      name: index === 0 ? 'A' : 'B',
      detail,
      onSeek: (seconds) => {
        if (isTogether) clock.jump(seconds + side.begins)
        else side.seek(seconds)
      },
      onPlaying: (isPlaying) => {
        // By a press on its screen: the other one follows.
        if (!isTogether || !isPlaying || clock.isRunning) return
        clock.play()
      },
      onChapters: () => align(),
    })
    side.element.addEventListener('focusin', () => (active = side))
    side.element.addEventListener('pointerdown', () => (active = side))
    return side
  })
  active = sides[0]
  const [first, second] = sides
  if (first === undefined || second === undefined) return

  const play = el('button', { type: 'button', class: 'primary' }, 'Play')
  const range = el('input', { type: 'range', min: '0', step: '0.1', value: '0' })
  range.setAttribute('aria-label', 'Common position')
  const time = el('span', { class: 'quiet common-time' })
  const together = el('input', { type: 'checkbox', checked: '' })
  const from = el('select', { 'aria-label': 'Lay them side by side' })
  from.append(el('option', { value: 'begin' }, 'from the start'))
  from.append(el('option', { value: 'clock' }, 'by the clock'))
  const speed = el('select', { 'aria-label': 'Speed' })
  for (const value of SPEEDS) speed.append(el('option', { value: String(value) }, `${value}×`))
  speed.value = '1'

  function align() {
    if (first === undefined || second === undefined) return
    const earliest = Math.min(first.startedAt, second.startedAt)
    for (const side of sides) {
      side.begins = from.value === 'clock' ? (side.startedAt - earliest) / 1000 : 0
    }
    first.compareWith(second.chapters)
    second.compareWith(first.chapters)
    clock.setRunners(isTogether ? sides : [])
    range.max = String(clock.end)
  }

  function toggle() {
    if (!isTogether) {
      const isAny = sides.some((side) => side.isPlaying)
      for (const side of sides) {
        if (isAny) side.pause()
        else side.play()
      }
    } else if (clock.isRunning) clock.pause()
    else clock.play()
    look()
  }

  function setTogether() {
    isTogether = together.checked
    if (clock.isRunning) clock.pause()
    for (const side of sides) side.setAlone(!isTogether)
    range.disabled = !isTogether
    from.disabled = !isTogether
    const position = active?.position ?? 0
    align()
    if (isTogether) clock.jump(position + (active?.begins ?? 0))
  }

  function setSpeed() {
    const value = Number(speed.value)
    clock.setSpeed(value)
    for (const side of sides) side.setSpeed(value)
  }

  /** @param {-1 | 1} step */
  function changeSpeed(step) {
    const value = SPEEDS[SPEEDS.indexOf(Number(speed.value)) + step]
    if (value === undefined) return
    speed.value = String(value)
    setSpeed()
  }

  /** @param {number} seconds */
  function skip(seconds) {
    if (isTogether) clock.jump(clock.time + seconds)
    else active?.seek(active.position + seconds)
  }

  /**
   * To the next command of either side, or of the active one alone.
   *
   * @param {-1 | 1} step
   * @param {boolean} denied
   */
  function jump(step, denied) {
    const looked = isTogether ? sides : sides.filter((side) => side === active)
    const now = isTogether ? clock.time : (active?.position ?? 0)
    const times = looked.flatMap((side) =>
      side.chapters
        .filter(({ channel, effect }) => {
          return channel === side.channel?.channel && (!denied || effect === 'deny')
        })
        .map(({ offset }) => offset + (isTogether ? side.begins : 0)),
    )
    const next =
      step > 0
        ? Math.min(...times.filter((each) => each > now + 0.05))
        : Math.max(...times.filter((each) => each < now - 0.5))
    if (!Number.isFinite(next)) return
    if (isTogether) clock.jump(next)
    else active?.seek(next)
  }

  function look() {
    if (isTogether) clock.tick()
    for (const side of sides) side.follow()
    const isRunning = isTogether ? clock.isRunning : sides.some((side) => side.isPlaying)
    play.textContent = isRunning ? 'Pause both' : 'Play both'
    time.textContent = isTogether ? `${clockText(clock.time)} of ${clockText(clock.end)}` : ''
    if (document.activeElement !== range || clock.isRunning) range.value = String(clock.time)
    range.setAttribute('aria-valuetext', time.textContent)
  }

  play.addEventListener('click', toggle)
  range.addEventListener('input', () => clock.jump(Number(range.value)))
  together.addEventListener('change', setTogether)
  from.addEventListener('change', align)
  speed.addEventListener('change', setSpeed)
  const help = listenForKeys([
    { keys: [' '], shown: 'space', words: 'play or pause', run: () => pressed() },
    { keys: ['ArrowLeft'], shown: '←', words: 'five seconds back', run: () => skip(-5) },
    { keys: ['ArrowRight'], shown: '→', words: 'five seconds on', run: () => skip(5) },
    { keys: ['['], shown: '[', words: 'the command before', run: () => jump(-1, false) },
    { keys: [']'], shown: ']', words: 'the next command', run: () => jump(1, false) },
    { keys: ['{'], shown: '{', words: 'the denied command before', run: () => jump(-1, true) },
    { keys: ['}'], shown: '}', words: 'the next denied command', run: () => jump(1, true) },
    { keys: ['<'], shown: '<', words: 'slower', run: () => changeSpeed(-1) },
    { keys: ['>'], shown: '>', words: 'faster', run: () => changeSpeed(1) },
    { keys: ['t'], shown: 't', words: 'together, or each alone', run: () => together.click() },
    { keys: ['a'], shown: 'a', words: 'to session A', run: () => first.focus() },
    { keys: ['b'], shown: 'b', words: 'to session B', run: () => second.focus() },
  ])

  function pressed() {
    if (isTogether) toggle()
    else active?.toggle()
  }

  const bar = el(
    'div',
    { class: 'common-bar', role: 'group', 'aria-label': 'Both sessions' },
    play,
    range,
    time,
    el('label', { class: 'check' }, together, 'Together'),
    from,
    speed,
    help,
  )
  place.replaceChildren(bar, el('div', { class: 'sides' }, first.element, second.element))
  setTogether()
  setInterval(look, LOOK)
  await Promise.all(sides.map((side) => side.open()))
}
