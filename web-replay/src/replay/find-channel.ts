import type { Request } from 'express'
import type { SignIn } from '../login/sign-ins.ts'
import { parseChannel, parseRecordingId } from '../review/parameters.ts'
import type { Awaitable, ChannelRow, RecordingDetail } from '../roles.ts'

/** Returns a recording that this reviewer may see, or undefined. */
export type FindRecording = (id: string, viewer: SignIn) => Awaitable<RecordingDetail | undefined>

export interface FoundChannel {
  readonly recordingId: string
  readonly detail: RecordingDetail
  readonly row: ChannelRow
}

/** Returns the recording that a request names, or undefined. */
export async function findNamed(
  request: Request,
  viewer: SignIn,
  find: FindRecording,
): Promise<RecordingDetail | undefined> {
  const id = parseRecordingId(request.params['id'])
  return id === undefined ? undefined : find(id, viewer)
}

/** Returns the channel that a request names; the files are only ever asked for one that the catalog knows. */
export async function findChannel(
  request: Request,
  viewer: SignIn,
  find: FindRecording,
): Promise<FoundChannel | undefined> {
  const channel = parseChannel(request.params['channel'])
  const detail = channel === undefined ? undefined : await findNamed(request, viewer, find)
  const row = detail?.channels.find((each) => each.channel === channel)
  if (detail === undefined || row === undefined) return undefined
  return { recordingId: detail.recording.id, detail, row }
}
