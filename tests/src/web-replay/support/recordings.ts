import { Readable } from 'node:stream'
import { makeOutline } from '@sallyport/recorder/replay'
import type { RecordingFile } from '@sallyport/recorder/store'
import type {
  AccessAudit,
  AccessHistory,
  AccessRow,
  CastMarker,
  CastStore,
  ChannelRow,
  CommandRow,
  ListQuery,
  RecordingDetail,
  RecordingRow,
  ReplaySource,
  Scope,
  SessionCatalog,
} from '@sallyport/web-replay/app'

export const START = Date.UTC(2026, 10, 23, 9, 30, 0)

export function recordingRow(values: Partial<RecordingRow> = {}): RecordingRow {
  return {
    id: 'rec_00000001',
    startedAt: START,
    endedAt: START + 12_400,
    status: 'ended',
    identity: 'ci/payments/deploy',
    issuer: 'https://token.actions.example',
    subject: 'repo:acme/payments:ref:refs/heads/main',
    login: 'deploy',
    target: 'web-1',
    clientAddress: '192.0.2.17',
    entry: '-J',
    bytes: 18_340,
    commands: 0,
    denied: 0,
    claims: {},
    ...values,
  }
}

export function channelRow(values: Partial<ChannelRow> = {}): ChannelRow {
  return {
    channel: 0,
    kind: 'exec',
    activity: 'exec',
    castFile: '0.cast',
    command: 'uptime',
    pty: false,
    startedAt: START,
    endedAt: START + 12_400,
    exitStatus: 0,
    bytes: 18_340,
    truncated: false,
    ...values,
  }
}

export function commandRow(values: Partial<CommandRow> = {}): CommandRow {
  return {
    channel: 0,
    at: START,
    offset: 0,
    text: 'uptime',
    effect: 'allow',
    rule: 'read-only',
    argv: [['uptime']],
    judged: true,
    held: false,
    ...values,
  }
}

type CastEvent = readonly [interval: number, code: string, text: string]

export function cast(events: readonly CastEvent[], cols = 80, rows = 24): string {
  const header = { version: 3, term: { cols, rows } }
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** A catalog in memory, with the keyset paging that reviewers rely on. */
export class TestCatalog implements SessionCatalog {
  readonly #details = new Map<string, RecordingDetail>()
  readonly asked: string[] = []

  add(detail: Partial<RecordingDetail> & Pick<RecordingDetail, 'recording'>): void {
    this.#details.set(detail.recording.id, { channels: [], commands: [], ...detail })
  }

  listRecordings(
    query: ListQuery & { readonly scope: Scope },
  ): { rows: RecordingRow[]; next?: string } | undefined {
    const all = [...this.#details.values()]
      .map(({ recording }) => recording)
      .filter(({ target }) => isInScope(query.scope, target))
    all.sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
    if (query.before !== undefined && !/^\d+\.[\w-]+$/.test(query.before)) return undefined
    const { before } = query
    const older = all.filter((row) => before === undefined || isOlder(row, before))
    const rows = older.slice(0, query.limit)
    const last = rows.at(-1)
    if (older.length === rows.length || last === undefined) return { rows }
    return { rows, next: `${last.startedAt}.${last.id}` }
  }

  getRecording(id: string, scope: Scope): RecordingDetail | undefined {
    this.asked.push(id)
    const detail = this.#details.get(id)
    return detail !== undefined && isInScope(scope, detail.recording.target) ? detail : undefined
  }
}

function isInScope(scope: Scope, target: string): boolean {
  return scope.kind === 'all' || scope.targets.includes(target)
}

function isOlder(row: RecordingRow, cursor: string): boolean {
  const [startedAt = '', id = ''] = cursor.split('.')
  return row.startedAt < Number(startedAt) || (row.startedAt === Number(startedAt) && row.id < id)
}

/** Casts in memory. */
export class TestCasts implements CastStore {
  readonly texts = new Map<string, string>()
  readonly markerRows = new Map<string, readonly CastMarker[]>()
  readonly asked: string[] = []

  castView(recordingId: string, channel: number): AsyncIterable<string> | undefined {
    this.asked.push(`${recordingId}/${channel}`)
    const text = this.texts.get(`${recordingId}/${channel}`)
    return text === undefined ? undefined : Readable.from([text])
  }

  rawCast(recordingId: string, channel: number): Readable | undefined {
    this.asked.push(`${recordingId}/${channel}`)
    const text = this.texts.get(`${recordingId}/${channel}`)
    return text === undefined ? undefined : Readable.from([Buffer.from(text)])
  }

  markers(recordingId: string, channel: number): readonly CastMarker[] {
    return this.markerRows.get(`${recordingId}/${channel}`) ?? []
  }
}

/** Replays of casts in memory; the log of a connection is the text at `ID/events`. */
export function replayOf({ texts, asked }: TestCasts): ReplaySource {
  const openText = (name: string): RecordingFile | undefined => {
    const text = texts.get(name)
    return text === undefined ? undefined : fileOf(name, text)
  }
  return {
    openCast(recordingId, channel) {
      asked.push(`${recordingId}/${channel}`)
      return openText(`${recordingId}/${channel}`)
    },
    openEvents: (recordingId) => openText(`${recordingId}/events`),
    async outline(recordingId, channel) {
      const file = openText(`${recordingId}/${channel}`)
      if (file === undefined) return { kind: 'none' }
      return { kind: 'outline', outline: await makeOutline(file.chunks(), { size: file.size }) }
    },
  }
}

function fileOf(name: string, text: string): RecordingFile {
  const bytes = Buffer.from(text)
  return {
    name,
    size: bytes.length,
    async *chunks({ from = 0, to = bytes.length } = {}) {
      yield bytes.subarray(from, to)
    },
    close: async () => undefined,
  }
}

/** An audit log in memory that can be made to fail. */
export class TestAudit implements AccessAudit, AccessHistory {
  readonly lines: { event: string; detail: Readonly<Record<string, unknown>> }[] = []
  isBroken = false

  async write(event: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.isBroken) throw new Error('disk full')
    this.lines.push({ event, detail })
  }

  of(recordingId: string): readonly AccessRow[] {
    return this.lines
      .filter(({ detail }) => detail['recordingId'] === recordingId)
      .map(({ event, detail }) => {
        const { channel, part, words, reviewer } = detail
        const { name = '', subject = '', issuer = '' } = Object(reviewer)
        return {
          at: START,
          event,
          channel: typeof channel === 'number' ? channel : undefined,
          part: typeof part === 'string' ? part : undefined,
          words: typeof words === 'string' ? words : undefined,
          name: String(name),
          subject: String(subject),
          issuer: String(issuer),
          clientAddress: String(detail['clientAddress']),
        }
      })
      .toReversed()
  }

  events(): readonly string[] {
    return this.lines.map(({ event }) => event)
  }
}
