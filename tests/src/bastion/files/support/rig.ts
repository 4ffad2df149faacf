import assert from 'node:assert/strict'
import {
  createSftpFilter,
  type FileEvent,
  type JudgeFile,
  type SftpFilter,
  type SftpLimits,
} from '@sallyport/bastion/files/sftp'
import { init, name, type ReadPacket, readPackets, version } from './packets.ts'

/** A filter between an agent and a target that are both played by a test. */
export interface Rig {
  readonly filter: SftpFilter
  readonly events: readonly FileEvent[]
  /** Feeds bytes of the agent; returns what reached the target, and what the agent got. */
  agent(...packets: readonly Buffer[]): Reached
  target(...packets: readonly Buffer[]): Reached
}

export interface Reached {
  readonly target: readonly ReadPacket[]
  readonly agent: readonly ReadPacket[]
  readonly violation: string | undefined
}

export const extensions = [
  ['posix-rename@openssh.com', '1'],
  ['statvfs@openssh.com', '2'],
  ['fstatvfs@openssh.com', '2'],
  ['hardlink@openssh.com', '1'],
  ['fsync@openssh.com', '1'],
  ['lsetstat@openssh.com', '1'],
  ['limits@openssh.com', '1'],
  ['expand-path@openssh.com', '1'],
  ['copy-data', '1'],
  ['home-directory', '1'],
  ['users-groups-by-id@openssh.com', '1'],
] as const

/** Returns a rig; `begun` ones have agreed on the version, with /home/deploy as the login folder. */
export function rig(
  judge: JudgeFile,
  { limits = {}, begun = true }: { limits?: Partial<SftpLimits>; begun?: boolean } = {},
): Rig {
  const events: FileEvent[] = []
  const filter = createSftpFilter({ judge, onOperation: (event) => events.push(event), limits })
  const feed =
    (side: (bytes: Buffer) => ReturnType<SftpFilter['fromAgent']>) =>
    (...packets: readonly Buffer[]): Reached => {
      const passage = side(Buffer.concat(packets))
      return {
        target: readPackets(Buffer.concat(passage.toTarget)),
        agent: readPackets(Buffer.concat(passage.toAgent)),
        violation: passage.violation,
      }
    }
  const made: Rig = {
    filter,
    events,
    agent: feed((bytes) => filter.fromAgent(bytes)),
    target: feed((bytes) => filter.fromTarget(bytes)),
  }
  if (begun) {
    filter.fromAgent(init)
    filter.fromTarget(version(...extensions))
    const { violation } = made.target(name(0, '/home/deploy'))
    assert.equal(violation, undefined)
  }
  return made
}
