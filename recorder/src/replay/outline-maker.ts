import type { CastHeader, ChannelTotals } from '../asciicast/cast.ts'
import { decodeNote } from '../asciicast/decode-details.ts'
import { parseObject } from '../asciicast/decode-header.ts'
import { clampTerm } from '../asciicast/term.ts'
import { UNREADABLE_HEADER } from '../view/cast-view.ts'
import { MarkerFinder } from '../view/cast-markers.ts'
import { type ShownEvent, type ShownState, ShownEvents } from '../view/shown-events.ts'
import { ActivityCounter } from './activity.ts'
import { Dressing, type DressingState } from './dressing.ts'
import { FileRows } from './file-rows.ts'
import type { NumberedLine } from './numbered-lines.ts'
import { type Gap, IDLE_LIMIT, type Outline, type PlacedMarker, type Segment } from './outline.ts'
import { Problems } from './problems.ts'

const MOST_MARKERS = 5000
const LONGEST_LABEL = 256
const MOST_GAPS = 50_000
const IDLE = IDLE_LIMIT * 1e6
/** The first segment is so many times smaller than the others. */
const FIRST_PART = 4

/** What a line brought. With `boundary` a segment begins before these events; its screen is the one until now. */
export interface Taken {
  readonly boundary: boolean
  readonly events: readonly ShownEvent[]
}

/** Makes the outline of a channel from the lines of its cast, given in order. */
export class OutlineMaker {
  readonly #partBytes: number
  #term = { cols: 80, rows: 24 }
  #pty = true
  #shown = new ShownEvents()
  #dressing = new Dressing(true)
  #at = 0
  #shownAt = 0
  #cut = 0
  #events = 0
  #totals: ChannelTotals | undefined
  #note: Readonly<Record<string, unknown>> | undefined
  readonly #gaps: Gap[] = []
  readonly #markers: PlacedMarker[] = []
  readonly #segments: Segment[] = []
  readonly #finder = new MarkerFinder((label) => label.slice(0, LONGEST_LABEL))
  readonly #activity = new ActivityCounter()
  readonly #files = new FileRows()
  readonly #problems = new Problems()

  /** A new segment begins after so many bytes of the file. */
  constructor(partBytes: number) {
    this.#partBytes = partBytes
  }

  get term(): { readonly cols: number; readonly rows: number } {
    return this.#term
  }

  take(line: NumberedLine): Taken {
    switch (line.kind) {
      case 'header':
        return this.#header(line.header)
      case 'event':
        return this.#event(line)
      case 'bad':
        this.#problems.badLine()
        return { boundary: false, events: [] }
      case 'comment':
        return { boundary: false, events: [] }
      case 'torn':
        this.#problems.torn(line.bytes)
        return { boundary: false, events: [] }
    }
  }

  /** Puts in what the terminal looked like where the last segment began. */
  screen(screen: Segment['screen']): void {
    this.#changeLast({ screen })
  }

  /** Returns the outline of all segments but the last, which has just begun; undefined with one alone. */
  soFar(): Outline | undefined {
    const last = this.#segments.at(-1)
    if (last === undefined || this.#segments.length < 2) return undefined
    return {
      ...this.#outline(last.from, this.#problems.sentences()),
      isPartial: true,
      segments: this.#segments.slice(0, -1),
    }
  }

  /** Returns the outline of a file of `size` bytes; `more` are problems that only its maker knows of. */
  finish(size: number, more: readonly string[] = []): Outline {
    const rest = [...this.#dressed(this.#shown.end()), ...this.#dressing.end(this.#shownAt)]
    this.count(rest)
    if (this.#segments.length === 0) this.#begin(0, 0, this.#shown.state, this.#dressing.state)
    const last = this.#segments.at(-1)
    // A player wants each segment to begin before the end.
    if (this.#segments.length > 1 && last !== undefined && last.at >= this.#shownAt) {
      this.#segments.pop()
    }
    this.#changeLast({ end: this.#shownAt })
    this.#problems.resizes(this.#dressing.skipped)
    if (this.#files.left > 0) this.#problems.left('file operations', this.#files.left)
    return this.#outline(size, [...this.#problems.sentences(), ...more])
  }

  #outline(size: number, problems: readonly string[]): Outline {
    return {
      version: 2,
      size,
      term: this.#term,
      pty: this.#pty,
      duration: this.#shownAt / 1e6,
      events: this.#events,
      gaps: [...this.#gaps],
      activity: this.#activity.counts(this.#shownAt),
      markers: [...this.#markers],
      files: [...this.#files.rows],
      ...(this.#totals === undefined ? {} : { totals: this.#totals }),
      problems,
      segments: this.#segments,
    }
  }

  #changeLast(change: Partial<Segment>): void {
    const last = this.#segments.pop()
    if (last !== undefined) this.#segments.push({ ...last, ...change })
  }

  #header(header: CastHeader | undefined): Taken {
    if (header === undefined) {
      this.#problems.add(UNREADABLE_HEADER)
    } else {
      this.#term = clampTerm(header.term.cols, header.term.rows)
      if (this.#term.cols !== header.term.cols || this.#term.rows !== header.term.rows) {
        this.#problems.size(header.term)
      }
      this.#pty = header.sallyport?.pty ?? true
    }
    this.#dressing = new Dressing(this.#pty)
    this.#begin(0, 0, this.#shown.state, this.#dressing.state)
    return { boundary: false, events: [] }
  }

  #event(line: Extract<NumberedLine, { readonly kind: 'event' }>): Taken {
    const before = this.#mayBegin(line.from)
      ? { shown: this.#shown.state, dressing: this.#dressing.state }
      : undefined
    this.#at += Math.round(line.interval * 1e6)
    this.#look(line.code, line.text)
    const events = this.#dressed(this.#shown.event(line))
    const first = events[0]
    const boundary = before !== undefined && first !== undefined && first.at > this.#shownAt
    if (boundary) {
      const gap = first.at - this.#shownAt
      const cut = this.#cut + Math.max(0, gap - IDLE)
      this.#changeLast({ end: this.#shownAt })
      this.#begin(line.from, cut, before.shown, before.dressing, first.at)
    }
    return { boundary, events }
  }

  /** True where a segment may end: a player wants each to hold an event, and the first one soon. */
  #mayBegin(from: number): boolean {
    if (this.#events === 0) return false
    const least = this.#segments.length === 1 ? this.#partBytes / FIRST_PART : this.#partBytes
    return from - (this.#segments.at(-1)?.from ?? 0) > least
  }

  #begin(from: number, cut: number, shown: ShownState, dressing: DressingState, at = 0): void {
    const screen = { ...this.#term, text: '' }
    this.#segments.push({ from, at, end: at, cut, shown, dressing, screen })
  }

  #dressed(events: readonly ShownEvent[]): readonly ShownEvent[] {
    const dressed: ShownEvent[] = []
    for (const event of events) {
      const { code } = event
      if (code === 'o' || code === 'r' || code === 'i') dressed.push(...this.#dressing.event(event))
    }
    return dressed
  }

  /** Takes what a line brought into the counts; between taking it and this, all that came before can be told. */
  count(events: readonly ShownEvent[]): void {
    for (const { at, code, text, stream } of events) {
      const gap = at - this.#shownAt
      if (gap > IDLE) {
        this.#cut += gap - IDLE
        if (this.#gaps.length < MOST_GAPS) this.#gaps.push([this.#shownAt / 1e6, gap / 1e6])
      }
      this.#shownAt = at
      this.#events += 1
      if (code !== 'o') continue
      this.#activity.add(at, stream, text.length)
      this.#problems.output(text)
    }
  }

  #look(code: string, text: string): void {
    const seconds = this.#at / 1e6
    this.#files.event(seconds, code, text)
    if (code === 'n') {
      const note = decodeNote(text)
      if (note?.kind === 'term') this.#problems.size(note)
      if (note?.kind === 'end') this.#totals = note.totals
      if (note === undefined) this.#note = parseObject(text)
    }
    const found = this.#finder.event(code, text)
    if (found === undefined) return
    const detail = code === 'm' ? noteIn(this.#note) : undefined
    this.#note = undefined
    if (this.#markers.length >= MOST_MARKERS) this.#problems.leftMarker()
    else {
      const more = detail === undefined ? {} : { detail }
      this.#markers.push({ time: seconds, ...found, ...more })
    }
  }
}

function noteIn(
  note: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const detail = note?.['note']
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return undefined
  return Object.fromEntries(Object.entries(detail))
}
