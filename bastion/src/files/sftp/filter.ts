import { AgentSide } from './agent-side.ts'
import { Conversation, type Passage } from './conversation.ts'
import { OpenFiles } from './open-files.ts'
import { defaultLimits, type FileEvent, type JudgeFile, type SftpLimits } from './roles.ts'
import { TargetSide } from './target-side.ts'

export interface SftpFilterOptions {
  readonly judge: JudgeFile
  /** Called for each operation before the target hears of it, and for each file once it is closed. */
  readonly onOperation: (event: FileEvent) => void
  readonly limits?: Partial<SftpLimits>
}

/** Sits in the two directions of one sftp channel. */
export interface SftpFilter {
  fromAgent(bytes: Buffer): Passage
  fromTarget(bytes: Buffer): Passage
  /** The channel ended: what is open is reported as far as it came. */
  end(): void
}

/**
 * Returns a filter for version 3 of the protocol, as OpenSSH speaks it. Its invariants: the target hears
 * only packets that were printed here after each operation in them was allowed; the agent gets one answer
 * for each request, in whole packets; of what the target says, only the login folder and the handles are
 * kept, and neither changes what is allowed.
 */
export function createSftpFilter({ judge, onOperation, limits }: SftpFilterOptions): SftpFilter {
  const files = new OpenFiles()
  const conversation = new Conversation({
    judge,
    onOperation,
    limits: { ...defaultLimits, ...limits },
    files,
    offered: new Set(),
    home: undefined,
  })
  const agent = new AgentSide(conversation)
  const target = new TargetSide(conversation)
  return {
    fromAgent(bytes) {
      if (conversation.broken) return conversation.passage()
      for (const piece of conversation.up.read(bytes)) {
        agent.take(piece)
        if (conversation.broken) break
      }
      return conversation.passage()
    },
    fromTarget(bytes) {
      if (conversation.broken) return conversation.passage()
      for (const piece of conversation.down.read(bytes)) {
        target.take(piece)
        if (conversation.broken) break
      }
      return conversation.passage()
    },
    end() {
      const open = [...files.drain()]
      for (const flight of conversation.drain()) if (flight.kind === 'close') open.push(flight.file)
      for (const file of open) conversation.closed(file, false)
      conversation.fail('the channel has ended')
    },
  }
}
