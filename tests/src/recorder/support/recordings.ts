import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cast, decodeCast } from '@sallyport/recorder/asciicast'
import type { StartedRecording } from '@sallyport/recorder/catalog'
import {
  type ChannelOptions,
  type ChannelRecording,
  type ConnectionRecording,
  createRecordingStore,
  type RecorderError,
  type RecordingStore,
  type RecordingStoreOptions,
} from '@sallyport/recorder/recording'

/** 2026-03-05 12:00:00 UTC. */
export const START = new Date(Date.UTC(2026, 2, 5, 12))

/** A clock that a test moves by hand; it counts microseconds. */
export interface ManualClock {
  us: number
}

export function openStore(
  root: string,
  options: Partial<RecordingStoreOptions> & { manual?: ManualClock } = {},
): RecordingStore {
  const { manual = { us: 0 }, ...rest } = options
  return createRecordingStore({
    root,
    now: () => new Date(START.getTime() + Math.floor(manual.us / 1000)),
    clock: () => manual.us,
    ...rest,
  })
}

export function openConnection(
  store: RecordingStore,
  recordingId = 'recording-1',
): { connection: ConnectionRecording; failures: RecorderError[] } {
  const failures: RecorderError[] = []
  const connection = store.openConnection({
    recordingId,
    onFailure: (error) => failures.push(error),
  })
  return { connection, failures }
}

/** A channel with what its callbacks were told. */
export interface WatchedChannel {
  readonly channel: ChannelRecording
  readonly written: number[]
  readonly failures: RecorderError[]
  /** Resolves when `seq` is written, or when the recording fails. */
  readonly until: (seq: number) => Promise<void>
}

export function openChannel(
  connection: ConnectionRecording,
  options: Partial<ChannelOptions> = {},
): WatchedChannel {
  const written: number[] = []
  const failures: RecorderError[] = []
  const waiting = new Set<() => void>()
  const wake = (): void => waiting.forEach((check) => check())
  const channel = connection.openChannel({
    channel: 0,
    kind: 'exec',
    pty: false,
    title: 'a title',
    ...options,
    onWritten: (seq) => {
      written.push(seq)
      wake()
    },
    onFailure: (error) => {
      failures.push(error)
      wake()
    },
  })
  const until = async (seq: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = (): void => {
      if ((written.at(-1) ?? 0) >= seq || failures.length > 0) resolve()
    }
    waiting.add(check)
    check()
    await promise
    waiting.delete(check)
  }
  return { channel, written, failures, until }
}

/** Decodes a channel's file strictly: any line that another reader might refuse throws. */
export async function readCast(connection: ConnectionRecording, channel = 0): Promise<Cast> {
  return decodeCast(await readFile(join(connection.folder, `${channel}.cast`)), { strict: true })
}

/** Returns the code and text of each event, without the recorder's last account. */
export function texts(cast: Cast): string[] {
  return cast.events
    .filter(({ code, text }) => !(code === 'n' && text.includes('"kind":"end"')))
    .map(({ code, text }) => `${code} ${text}`)
}

/** SHA-256 in hex, as a recording has it of a stream. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export async function* chunksOf(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

/** A recording that began at `startedAt`, for the catalog. */
export function started(id: string, startedAt: number): StartedRecording {
  return {
    id,
    startedAt,
    identity: 'ci',
    issuer: 'https://issuer.example',
    subject: 'repo:a/b',
    login: 'deploy',
    target: 'web-1',
    clientAddress: '192.0.2.1',
    entry: '-J',
    claims: { repository: 'a/b', nested: [1] },
  }
}
