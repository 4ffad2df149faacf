import type { ChannelRecorder } from './roles.ts'

/** The recording of a channel whose output is recorded where it goes on to. */
export const unrecorded: ChannelRecorder = {
  output: () => 0,
  input: () => {},
  resize: () => 0,
  decision: () => 0,
  note: () => 0,
  marker: () => 0,
  exitStatus: () => 0,
  exitSignal: () => 0,
  close: () => {},
}
