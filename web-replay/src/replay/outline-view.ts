import {
  type FileRow,
  IDLE_LIMIT,
  type Outline,
  type PlacedMarker,
} from '@sallyport/recorder/replay'
import { visibleJson, visibleText } from '../review/visible-text.ts'

type View = Readonly<Record<string, unknown>>

/**
 * Returns what the page needs of an outline: all recorded text made visible, no screens, no places in files. With `done`
 * it is one of the beginning, and so much of the recording was gone through.
 */
export function outlineView(outline: Outline, done?: number): View {
  const { size, duration, events, gaps, activity, markers, problems, totals, pty } = outline
  return {
    size,
    duration,
    events,
    pty,
    idleLimit: IDLE_LIMIT,
    gaps,
    activity,
    markers: markers.map(markerView),
    problems: problems.map((sentence) => visibleText(sentence)),
    totals,
    ...(done === undefined ? {} : { preparing: done }),
    parts: outline.segments.map(({ at }) => at / 1e6),
  }
}

function markerView({ time, label, kind, detail }: PlacedMarker): View {
  return {
    time,
    label: visibleText(label),
    kind,
    ...(detail === undefined ? {} : { detail: visibleJson(detail) }),
  }
}

/** Returns a file operation as JSON for a reviewer. */
export function fileView(channel: number, row: FileRow): View {
  const { time, via, op, path, to, allowed, rule, message, bytes, sha256, ofStream } = row
  return {
    channel,
    time,
    via,
    op: visibleText(op),
    path: visibleText(path),
    ...(to === undefined ? {} : { to: visibleText(to) }),
    allowed,
    rule: visibleText(rule),
    ...(message === undefined ? {} : { message: visibleText(message) }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(sha256 === undefined ? {} : { sha256: visibleText(sha256) }),
    ...(ofStream === undefined ? {} : { ofStream }),
  }
}
