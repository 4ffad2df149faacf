import type { ChannelRecording, ConnectionRecording } from '@sallyport/recorder/recording'
import { clampTerm } from '@sallyport/recorder/asciicast'
import { castFileName } from '@sallyport/recorder/store'
import type { Settled } from '../decide/index.ts'
import type { Passage } from '../stages.ts'
import type { ChannelOpening, ChannelRecorder } from '../relay/roles.ts'
import { activityOf } from './activity.ts'
import type { RecordingDeps } from './deps.ts'

export interface ChannelContext {
  readonly passage: Passage
  readonly recording: ConnectionRecording
  readonly recordingId: string
  readonly number: number
  readonly deps: RecordingDeps
  readonly failed: (error: Error) => void
}

/** Text in lists and markers ends somewhere; the recording's header holds the whole command. */
const MAX_TEXT = 8192

/** Records one channel in its cast, and what reviewers search for in the catalog. */
export function recordChannel(opening: ChannelOpening, context: ChannelContext): ChannelRecorder {
  const { passage, number, recordingId, deps } = context
  const { catalog, now } = deps
  const { kind, title, command, terminal } = opening
  const { identity, login, clientAddress } = passage.authenticated
  const startedAt = now().getTime()
  const cast: ChannelRecording = context.recording.openChannel({
    channel: number,
    kind,
    pty: terminal !== undefined,
    title: title.slice(0, MAX_TEXT),
    ...(command === undefined ? {} : { command }),
    ...(terminal === undefined ? {} : { term: terminal }),
    identity: identity.name,
    target: passage.route.target.name,
    login,
    clientAddress,
    policy: deps.policyRevision(),
    limits: deps.limits,
    onWritten: (mark) => {
      opening.written(mark)
      live.written()
    },
    onFailure: context.failed,
  })
  const { cols = 80, rows = 24 } = terminal ?? {}
  const live = deps.live.opened(recordingId, number, { startedAt, ...clampTerm(cols, rows) })
  catalog.channelOpened(recordingId, {
    channel: number,
    castFile: castFileName(number),
    kind,
    activity: activityOf(kind, command ?? title),
    pty: terminal !== undefined,
    startedAt,
    ...(command === undefined ? {} : { command: command.slice(0, MAX_TEXT) }),
  })
  let closed = false

  const close = async (): Promise<void> => {
    const summary = await cast.close()
    const bytes = summary.totals.stdout.bytes + summary.totals.stderr.bytes
    catalog.channelClosed(recordingId, {
      channel: number,
      endedAt: summary.endedAt,
      bytes,
      truncated: summary.truncated,
      ...(summary.exitStatus === undefined ? {} : { exitStatus: summary.exitStatus }),
      ...(summary.exitSignal === undefined ? {} : { exitSignal: summary.exitSignal }),
    })
    live.closed()
    deps.onRecorded(recordingId, number)
  }

  return {
    output: (dataType, bytes) => cast.output(dataType === 0 ? 1 : 2, bytes),
    input: (bytes) => {
      cast.input(bytes)
    },
    resize: (newCols, newRows) => {
      const size = clampTerm(newCols, newRows)
      live.resized(size.cols, size.rows)
      return cast.resize(newCols, newRows)
    },
    note: (detail) => cast.note(detail),
    marker: (label, detail) => cast.marker(label, detail),
    exitStatus: (status) => cast.exitStatus(status),
    exitSignal: (signal, coreDumped) => cast.exitSignal(signal, coreDumped),
    decision: (decision, line) => {
      const text = (line ?? command ?? title).slice(0, MAX_TEXT)
      const judgement = judged(decision)
      catalog.commandDecided(recordingId, {
        channel: number,
        at: now().getTime(),
        offset: (now().getTime() - startedAt) / 1000,
        text,
        ...judgement,
        held: decision.held === true,
      })
      return cast.command({ text, ...judgement })
    },
    close: () => {
      if (closed) return
      closed = true
      close().catch(context.failed)
    },
  }
}

/** The parts of a decision that are evidence; what is sent can be printed again from the argv lists. */
function judged(decision: Settled): {
  effect: 'allow' | 'deny'
  rule: string
  judged: boolean
  argv: readonly (readonly string[])[]
  message?: string
  reason: string
} {
  const { effect, rule, reason, commands } = decision
  return {
    effect,
    rule,
    reason,
    judged: effect === 'deny' || decision.judged,
    argv: commands ?? [],
    ...(effect === 'deny' ? { message: decision.message } : {}),
  }
}
