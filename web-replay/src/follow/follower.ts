import { LiveTail, type PlayerEvent } from '@sallyport/recorder/replay'
import type { RecordingFile } from '@sallyport/recorder/store'
import { visibleText } from '../review/visible-text.ts'
import type { LiveChannel } from '../roles.ts'

/** Bytes of the recording that somebody who joins is shown at once. */
const JOIN_BYTES = 256 * 1024
/** Who is further behind is shown the end anew, and told. */
const MOST_BEHIND = 1024 * 1024
/** Bytes for one message, and the least milliseconds between two: what a flood may cost. */
const MOST_TAKEN = 256 * 1024
const PAUSE = 40

/** What a follower says; each becomes one event of a stream. */
export type FollowNews =
  | {
      readonly kind: 'screen'
      readonly time: number
      readonly cols: number
      readonly rows: number
      readonly text: string
      /** Bytes of the recording that came before, and are not shown. */
      readonly skipped: number
    }
  | { readonly kind: 'output'; readonly events: readonly PlayerEvent[] }
  | { readonly kind: 'marker'; readonly time: number; readonly label: string; readonly of: string }
  | { readonly kind: 'channels'; readonly count: number }
  | { readonly kind: 'done' }

export interface FollowerOptions {
  readonly channel: LiveChannel
  readonly pty: boolean
  readonly openCast: () => Promise<RecordingFile | undefined>
  readonly now: () => number
  /** Says something to the browser; false while it should be left alone. */
  readonly say: (news: FollowNews) => boolean
  readonly onError: (error: unknown) => void
}

/**
 * Follows a recording by its file, from where it is now: whoever watches costs the recorder nothing but a call, and a
 * browser that reads slowly is only read for slowly.
 */
export interface Follower {
  /** There may be more in the file. */
  wake(): void
  /** The browser has room again. */
  ready(): void
  stop(): void
}

export function createFollower(options: FollowerOptions): Follower {
  const { channel, pty, openCast, now, say, onError } = options
  let tail: LiveTail | undefined
  let channels = channel.channels
  let most = MOST_TAKEN
  let isBusy = false
  let isStale = false
  let isFull = false
  let isOver = false
  let timer: NodeJS.Timeout | undefined

  function wake(): void {
    isStale = true
    if (isBusy || isFull || isOver || timer !== undefined) return
    isBusy = true
    step()
      .catch((error: unknown) => {
        isOver = true
        onError(error)
      })
      .finally(() => {
        isBusy = false
        timer = setTimeout(rested, PAUSE)
      })
  }

  function rested(): void {
    timer = undefined
    if (isStale) wake()
  }

  async function step(): Promise<void> {
    isStale = false
    const wasOpen = channel.isOpen
    const file = await openCast()
    if (file === undefined) return finish()
    if (channel.channels !== channels) {
      channels = channel.channels
      tell({ kind: 'channels', count: channels })
    }
    const { size } = file
    if (tail === undefined || size - tail.position > MOST_BEHIND) {
      tail = await join(file)
    } else {
      const from = tail.position
      const to = Math.min(size, from + most)
      const { events, markers } = await tail.take(file.chunks({ from, to }))
      if (events.length > 0) tell({ kind: 'output', events })
      for (const { time, label, kind } of markers) {
        tell({ kind: 'marker', time, label: visibleText(label), of: kind })
      }
      // A line may be longer than what was read of it.
      most = tail.position === from && to < size ? MOST_BEHIND : MOST_TAKEN
      if (to < size) isStale = true
    }
    if (!wasOpen && !isStale) finish()
  }

  async function join(file: RecordingFile): Promise<LiveTail> {
    const from = Math.max(0, file.size - JOIN_BYTES)
    const parts: Uint8Array[] = []
    for await (const part of file.chunks({ from })) parts.push(part)
    const bytes = Buffer.concat(parts)
    const newline = bytes.indexOf('\n')
    const start = from === 0 ? 0 : newline === -1 ? bytes.length : newline + 1
    const joined = new LiveTail({ pty, position: from + start })
    const { events } = await joined.take(one(bytes.subarray(start)))
    if (from > 0) joined.setTime((now() - channel.startedAt) / 1000)
    const text = events.map(([, code, output]) => (code === 'o' ? output : '')).join('')
    const skipped = from + start - (tail?.position ?? 0)
    tell({ kind: 'screen', time: joined.time, ...channel.size, text, skipped })
    return joined
  }

  function tell(news: FollowNews): void {
    if (!say(news)) isFull = true
  }

  function finish(): void {
    if (isOver) return
    isOver = true
    const events = tail?.end() ?? []
    if (events.length > 0) say({ kind: 'output', events })
    say({ kind: 'done' })
  }

  return {
    wake,
    ready() {
      isFull = false
      if (isStale) wake()
    },
    stop() {
      isOver = true
      clearTimeout(timer)
      channel.stop()
    },
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
