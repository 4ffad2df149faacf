import type { ConnectionRecording } from '@sallyport/recorder/recording'
import { randomBytes } from 'node:crypto'
import type { Passage } from '../stages.ts'
import type { ConnectionRecorder } from '../relay/roles.ts'
import { recordChannel, type ChannelContext } from './channel-recorder.ts'
import type { RecordingDeps } from './deps.ts'

/** Records passages, and knows which recordings are not finished yet. */
export interface Recorder {
  record(passage: Passage): ConnectionRecorder
  /** Resolves when every recording is closed, completely written, and in the catalog. */
  settled(): Promise<void>
}

export function createRecorder(deps: RecordingDeps): Recorder {
  const open = new Set<Promise<void>>()
  return {
    record: (passage) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const finished = (): void => {
        open.delete(promise)
        resolve()
      }
      open.add(promise)
      try {
        return recordConnection(passage, deps, finished)
      } catch (error) {
        finished()
        throw error
      }
    },
    settled: async () => {
      await Promise.all(open)
    },
  }
}

/**
 * Begins the recording of one passage. A recording that cannot be opened or written tells `onFailure`, once; the relay
 * then ends the connection. Calls `finished` when it was closed and all of it is written.
 */
function recordConnection(
  passage: Passage,
  deps: RecordingDeps,
  finished: () => void,
): ConnectionRecorder {
  const { catalog, now } = deps
  const { authenticated, route, entry, connectionId, recordingId } = passage
  const { identity, login, clientAddress, certificate } = authenticated
  let failure: string | undefined
  let tell: ((reason: string) => void) | undefined
  const failed = (error: Error): void => {
    if (failure !== undefined) return
    failure = error.message
    tell?.(failure)
  }
  const waiting: { readonly seq: number; readonly written: () => void }[] = []
  const recording: ConnectionRecording = deps.store.openConnection({
    recordingId,
    onFailure: failed,
    onWritten: (seq) => {
      while (waiting[0] !== undefined && waiting[0].seq <= seq) waiting.shift()?.written()
    },
  })
  catalog.recordingStarted({
    id: recordingId,
    startedAt: now().getTime(),
    identity: identity.name,
    issuer: identity.issuer,
    subject: identity.subject,
    login,
    target: route.target.name,
    clientAddress,
    entry,
    claims: identity.claims,
  })
  recording.event('connection.authenticated', {
    connectionId,
    entry,
    identity: identity.name,
    issuer: identity.issuer,
    subject: identity.subject,
    rule: identity.rule,
    claims: identity.claims,
    login,
    target: route.target.name,
    clientAddress,
    serial: certificate.serial.toString(),
    keyId: certificate.keyId,
  })
  let channels = 0
  let ended = false

  return {
    recordingId,
    openChannel(opening) {
      channels += 1
      const context: ChannelContext = {
        passage,
        recording,
        recordingId,
        number: channels,
        deps,
        failed,
      }
      return recordChannel(opening, context)
    },
    event(name, detail, written) {
      if (ended) return
      const seq = recording.event(name, detail)
      if (written !== undefined) waiting.push({ seq, written })
    },
    onFailure(callback) {
      tell = callback
      if (failure !== undefined) callback(failure)
    },
    close(reason) {
      if (ended) return
      recording.event('connection.closed', { reason })
      ended = true
      const finish = async (): Promise<void> => {
        await recording.close()
        catalog.recordingEnded(recordingId, {
          endedAt: now().getTime(),
          status: failure === undefined ? 'ended' : 'failed',
        })
      }
      void finish().catch(failed).finally(finished)
    },
  }
}

/** Sorts by time, and cannot be guessed: 9 characters of milliseconds, 16 of chance. */
export function newRecordingId(now: Date): string {
  return `${now.getTime().toString(36).padStart(9, '0')}-${randomBytes(10).toString('hex')}`
}
