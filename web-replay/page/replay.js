import { getJson, getText } from './api.js'
import { ChannelView } from './channel-view.js'
import { ChapterList, chapterOfCommand, withMarkers } from './chapters.js'
import { byId, el } from './dom.js'
import { sessionFacts } from './facts.js'

/** @import { CastMarker, ChannelRow, Chapter, SessionDetail } from './api-types' */

const path = `/api/sessions/${location.pathname.split('/').at(-1)}`
const wanted = new URLSearchParams(location.search)

show().catch((/** @type {Error} */ error) => {
  byId('replay').replaceChildren(
    el('p', { class: 'notice notice-deny', role: 'alert' }, error.message),
  )
})

async function show() {
  const [detail, { permissions }] = await Promise.all([
    /** @type {Promise<SessionDetail>} */ (getJson(path)),
    /** @type {Promise<{ permissions: readonly string[] }>} */ (getJson('/api/me')),
  ])
  const { recording, channels } = detail
  document.title = `${recording.login}@${recording.target} · Sallyport`
  const commands = [...detail.commands].sort((a, b) => a.at - b.at).map(chapterOfCommand)
  const view = new ChannelView({
    channels,
    path,
    isRunning: recording.status === 'running',
    mayDownload: permissions.includes('recordings.raw'),
  })
  const list = new ChapterList({ onPick: pick, showChannel: channels.length > 1 })
  list.show(commands)

  /** @param {Chapter} chapter */
  function pick(chapter) {
    void open(chapter.channel, chapter.offset)
  }

  /**
   * @param {number} channel
   * @param {number} seconds
   */
  async function open(channel, seconds) {
    const isNew = channel !== view.channel
    if (isNew) await load(channel)
    // A channel just opened shows its poster: at second 0 there is nothing on the screen yet.
    if (!isNew || seconds > 0) await view.seek(seconds)
    list.follow(channel, seconds)
  }

  /** @param {number} channel */
  async function load(channel) {
    const base = `${path}/channels/${channel}`
    const [cast, { markers }] = await Promise.all([
      getText(`${base}/cast`),
      /** @type {Promise<{ markers: readonly CastMarker[] }>} */ (getJson(`${base}/markers`)),
    ])
    list.show(withMarkers(commands, channel, markers))
    view.show(channel, cast, list.chaptersOf(channel))
  }

  view.onChannel = (channel) => void load(channel).catch((error) => view.fail(error))
  setInterval(() => {
    const position = view.position
    if (position !== undefined && view.channel !== undefined) list.follow(view.channel, position)
  }, 250)

  const layout = el('div', { class: 'replay' }, view.element, list.element)
  byId('replay').replaceChildren(sessionFacts(detail), layout)
  const first = startingChannel(channels)
  if (first === undefined) return
  await load(first).catch((error) => view.fail(error))
  const at = Number(wanted.get('t') ?? 0)
  if (at > 0) await view.seek(at)
}

/** @param {readonly ChannelRow[]} channels */
function startingChannel(channels) {
  const asked = Number(wanted.get('channel') ?? Number.NaN)
  return (channels.find(({ channel }) => channel === asked) ?? channels[0])?.channel
}
