import { getJson } from './api.js'
import { AccessPanel } from './access-panel.js'
import { ChannelView } from './channel-view.js'
import { ChapterList, chapterOfCommand, withMarkers } from './chapters.js'
import { byId, el } from './dom.js'
import { endButton } from './end-session.js'
import { EventsPanel } from './events-panel.js'
import { sessionFacts } from './facts.js'
import { FilesPanel } from './files-panel.js'
import { linkButton, momentQuery } from './moment.js'
import { outlines } from './outline.js'
import { chooseAnother } from './picks.js'
import { listenForKeys } from './shortcuts.js'
import { Tabs } from './tabs.js'
import { Transcript } from './transcript.js'

/** @import { ChannelRow, SessionDetail } from './api-types' */
/** @import { Marker, Me, Outline } from './replay-types' */

const path = `/api/sessions/${location.pathname.split('/').at(-1)}`
const wanted = new URLSearchParams(location.search)

show().catch(fail)

async function show() {
  let [detail, me] = await Promise.all([
    /** @type {Promise<SessionDetail>} */ (getJson(path)),
    /** @type {Promise<Me>} */ (getJson('/api/me')),
  ])
  const mayDownload = me.permissions.includes('recordings.raw')
  /** @type {Outline | undefined} */
  let outline
  /** @type {readonly Marker[]} */
  let markers = []
  let opening = 0
  document.title = `${detail.recording.login}@${detail.recording.target} · Sallyport`

  const view = new ChannelView({
    channels: detail.channels,
    path,
    mayDownload,
    onChannel: (channel) => run(open(channel)),
    onSeek: (seconds) => run(goTo(view.channel ?? 0, seconds)),
    onPlaying: (isPlaying) => {
      if (!isPlaying) keepMoment()
    },
    onLive: (isLive) => run(isLive ? follow() : replay()),
  })
  const list = new ChapterList({
    onPick: ({ channel, offset }) => run(goTo(channel, offset)),
    showChannel: detail.channels.length > 1,
  })
  const transcript = new Transcript({
    onPick: (seconds) => run(goTo(view.channel ?? 0, seconds)),
  })
  const files = new FilesPanel({
    path,
    onPick: (channel, seconds) => run(goTo(channel, seconds)),
  })
  const events = new EventsPanel({ path })
  const access = new AccessPanel({ path })
  const facts = el('div', { class: 'session-head' })
  const tabs = new Tabs('Details', [
    { name: 'Transcript', panel: transcript.element, onShow: showTranscript },
    { name: 'Files', panel: files.element, onShow: () => run(files.load()) },
    { name: 'Events', panel: events.element, onShow: showEvents },
    { name: 'Access', panel: access.element, onShow: () => run(access.load()) },
  ])

  /** @param {Promise<unknown>} work */
  function run(work) {
    work.catch((error) => view.fail(error))
  }

  function showTranscript() {
    if (view.channel !== undefined && !view.isFollowing) {
      run(transcript.show(`${path}/channels/${view.channel}`, mayDownload))
    }
  }

  function showEvents() {
    run(events.load(detail.commands, rowOf(view.channel), markers))
  }

  /** @param {number | undefined} channel */
  function rowOf(channel) {
    return detail.channels.find((row) => row.channel === channel)
  }

  function drawFacts() {
    const { status } = detail.recording
    view.setRunning(status === 'running')
    const compare = el('button', { type: 'button' }, 'Compare…')
    compare.title = 'Choose another session to see beside this one'
    compare.addEventListener('click', () => chooseAnother(detail.recording))
    const mayEnd = status === 'running' && me.permissions.includes('sessions.end')
    const actions = el('div', { class: 'actions' }, linkButton(moment), compare, help)
    if (mayEnd) actions.prepend(endButton({ path, csrfToken: me.csrfToken }))
    facts.replaceChildren(sessionFacts(detail), actions)
  }

  function drawChapters() {
    const commands = [...detail.commands]
      .sort((a, b) => a.at - b.at)
      .map((row) => chapterOfCommand(row, detail.channels))
    list.show(view.channel === undefined ? commands : withMarkers(commands, view.channel, markers))
  }

  function moment() {
    const query = momentQuery(view.channel ?? 0, view.position ?? 0)
    return `${location.origin}${location.pathname}${query}`
  }

  function keepMoment() {
    if (view.channel !== undefined && !view.isFollowing) history.replaceState(null, '', moment())
  }

  /**
   * @param {number} channel
   * @param {number} seconds
   */
  async function goTo(channel, seconds) {
    const isMissing = seconds > (outline?.duration ?? 0) && outline?.preparing !== undefined
    const isNew = channel !== view.channel || view.isFollowing || isMissing
    if (isNew) await replay(channel, seconds)
    else await view.seek(seconds)
    list.follow(channel, seconds)
    keepMoment()
  }

  /** Shows a channel in the way it is best seen: while it runs, live. @param {number} channel */
  async function open(channel) {
    const row = rowOf(channel)
    if (row === undefined) return
    const isLive = detail.recording.status === 'running' && row.endedAt === undefined
    await (isLive ? follow(channel) : replay(channel))
  }

  /** Shows a channel, and goes on with the rest of it when there was but the beginning yet. */
  async function replay(channel = view.channel ?? 0, from = 0) {
    const row = rowOf(channel)
    if (row === undefined) return
    view.begin(row)
    opening += 1
    const own = opening
    const isCurrent = () => own === opening && !view.isFollowing
    const coming = outlines(`${path}/channels/${channel}`, (done) => {
      if (isCurrent()) view.prepare(done)
    })
    /** @param {Outline} next */
    const isEnough = (next) => next.preparing === undefined || next.duration >= from
    let isShown = false
    /** @param {Outline} next */
    const take = (next) => {
      // Of the beginning alone nothing changes under a reviewer until all of it is there.
      if (isShown ? next.preparing !== undefined : !isEnough(next)) return
      outline = next
      markers = next.markers
      drawChapters()
      if (isShown) view.extend(next, list.chaptersOf(channel))
      else view.show(row, next, list.chaptersOf(channel), from)
      isShown = true
      // The picture first: what is beside it can wait.
      void view.ready.then(() => {
        if (isCurrent()) tabs.refresh()
      })
    }
    const rest = async () => {
      for await (const next of coming) {
        if (!isCurrent()) return
        take(next)
      }
    }
    for (let next = await coming.next(); !next.done && isCurrent(); next = await coming.next()) {
      take(next.value)
      if (isShown) return run(rest())
    }
  }

  async function follow(channel = view.channel ?? 0) {
    const row = rowOf(channel)
    if (row === undefined) return
    outline = undefined
    markers = []
    view.follow(row, {
      onMarker: (marker) => {
        markers = [...markers, marker]
        drawChapters()
      },
      onChannels: () => run(look()),
      onDone: () => run(ended(channel)),
    })
    drawChapters()
  }

  /** Asks again what there is: a channel began, or one has ended. */
  async function look() {
    detail = /** @type {SessionDetail} */ (await getJson(path))
    view.setChannels(detail.channels)
    drawFacts()
    drawChapters()
  }

  /** Goes on with the replay, at the moment at which the live view ended. @param {number} channel */
  async function ended(channel) {
    const position = view.position ?? 0
    await look()
    if (view.channel !== channel || !view.isFollowing) return
    await replay(channel, position)
  }

  /**
   * @param {-1 | 1} step
   * @param {boolean} denied
   */
  function jump(step, denied) {
    const chapter = list.beside(view.channel ?? 0, view.position ?? 0, step, denied)
    if (chapter !== undefined) run(goTo(chapter.channel, chapter.offset))
  }

  /** @param {number} seconds */
  function skip(seconds) {
    if (!view.isFollowing) run(goTo(view.channel ?? 0, (view.position ?? 0) + seconds))
  }

  const help = listenForKeys([
    { keys: [' '], shown: 'space', words: 'play or pause', run: () => view.togglePlaying() },
    { keys: ['ArrowLeft'], shown: '←', words: 'five seconds back', run: () => skip(-5) },
    { keys: ['ArrowRight'], shown: '→', words: 'five seconds on', run: () => skip(5) },
    { keys: ['['], shown: '[', words: 'the command before', run: () => jump(-1, false) },
    { keys: [']'], shown: ']', words: 'the next command', run: () => jump(1, false) },
    { keys: ['{'], shown: '{', words: 'the denied command before', run: () => jump(-1, true) },
    { keys: ['}'], shown: '}', words: 'the next denied command', run: () => jump(1, true) },
    { keys: ['<'], shown: '<', words: 'slower', run: () => view.changeSpeed(-1) },
    { keys: ['>'], shown: '>', words: 'faster', run: () => view.changeSpeed(1) },
    { keys: ['i'], shown: 'i', words: 'skip idle time, or not', run: () => view.toggleIdle() },
    { keys: ['l'], shown: 'l', words: 'follow live, or replay so far', run: toggleLive },
    { keys: ['/'], shown: '/', words: 'search the transcript', run: searchTranscript },
    { keys: ['1'], shown: '1', words: 'transcript', run: () => tabs.show(0) },
    { keys: ['2'], shown: '2', words: 'files', run: () => tabs.show(1) },
    { keys: ['3'], shown: '3', words: 'events', run: () => tabs.show(2) },
    { keys: ['4'], shown: '4', words: 'access', run: () => tabs.show(3) },
  ])

  function toggleLive() {
    const row = rowOf(view.channel)
    if (detail.recording.status !== 'running' || row?.endedAt !== undefined) return
    run(view.isFollowing ? replay() : follow())
  }

  function searchTranscript() {
    tabs.show(0)
    transcript.focusSearch()
  }

  setInterval(() => {
    const { position, channel } = view
    if (position === undefined || channel === undefined) return
    list.follow(channel, position)
    if (!view.isFollowing) view.mark(position)
  }, 250)

  drawFacts()
  drawChapters()
  const main = el('div', { class: 'replay-main' }, view.element, tabs.element)
  const layout = el('div', { class: 'replay' }, main, list.element)
  byId('replay').replaceChildren(facts, layout)
  const first = startingChannel(detail.channels)
  if (first === undefined) return
  const at = Number(wanted.get('t') ?? 0)
  const begin = at > 0 ? goTo(first, at) : open(first)
  await begin.catch((error) => view.fail(error))
}

/** @param {readonly ChannelRow[]} channels */
function startingChannel(channels) {
  const asked = Number(wanted.get('channel') ?? Number.NaN)
  return (channels.find(({ channel }) => channel === asked) ?? channels[0])?.channel
}

/** @param {Error} error */
function fail(error) {
  byId('replay').replaceChildren(
    el('p', { class: 'notice notice-deny', role: 'alert' }, error.message),
  )
}
