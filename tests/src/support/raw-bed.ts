import { strict as assert } from 'node:assert'
import { openBed, type Bed, type BedOptions } from './bed.ts'
import { newKey, openMint, type CertificateFields } from './certificates.ts'
import { startLyingTarget } from './lying-target.ts'
import { connectRaw, type RawPeer } from './raw-peer.ts'
import { channelOpen, SERVICE_USERAUTH, signed } from './ssh-messages.ts'

/** A relayed connection of which the test is both ends. */
export interface BothEnds {
  readonly agent: RawPeer
  readonly target: RawPeer
}

/** A channel that is open at both ends: the number by which each end addresses the bastion. */
export interface OpenChannel extends BothEnds {
  readonly toTarget: number
  readonly toAgent: number
  /** What the bastion lets the agent send. */
  readonly agentWindow: number
  /** What the bastion lets the target send. */
  readonly targetWindow: number
}

/** A bed whose target `other` is the test itself. */
export interface RawBed {
  readonly bed: Bed
  /** Logs in to `other` directly, without any client in between. */
  enter(fields?: Partial<CertificateFields>): Promise<BothEnds>
  /** Enters and opens a session; both ends say `window` to the bastion. */
  session(window?: number, fields?: Partial<CertificateFields>): Promise<OpenChannel>
  close(): Promise<void>
}

export async function openRawBed(options: BedOptions = {}): Promise<RawBed> {
  const lying = await startLyingTarget()
  let bed: Bed
  try {
    bed = await openBed({ ...options, other: lying })
  } catch (error) {
    await lying.stop()
    throw error
  }
  const mint = await openMint(bed)
  const subject = newKey()
  const username = `${bed.sshd.login}%other`
  const algorithm = 'ssh-ed25519-cert-v01@openssh.com'
  const enter = async (fields: Partial<CertificateFields> = {}): Promise<BothEnds> => {
    const agent = await connectRaw(bed.sshPort)
    const blob = mint.certificate({ subject, ...fields })
    agent.send(SERVICE_USERAUTH, signed({ username, algorithm, blob }, agent.sessionId, subject))
    const [target] = await Promise.all([lying.connection(), agent.next()])
    assert.equal((await agent.next())[0], 52)
    return { agent, target }
  }
  return {
    bed,
    enter,
    async session(window = 2 << 20, fields = {}) {
      const { agent, target } = await enter(fields)
      agent.send(channelOpen('session', Buffer.alloc(0), window))
      const open = await target.next()
      assert.equal(open[0], 90)
      const toAgent = open.readUInt32BE(5 + 7)
      target.send(confirmation(toAgent, window))
      const confirmed = await agent.next()
      assert.equal(confirmed[0], 91)
      return {
        agent,
        target,
        toAgent,
        toTarget: confirmed.readUInt32BE(5),
        agentWindow: confirmed.readUInt32BE(9),
        targetWindow: open.readUInt32BE(16),
      }
    },
    async close() {
      await bed.close()
      await lying.stop()
    },
  }
}

/** CHANNEL_OPEN_CONFIRMATION: byte 91, uint32 recipient, sender, window, maximum packet. */
export function confirmation(recipient: number, window: number, sender = 7): Buffer {
  const payload = Buffer.alloc(17)
  payload[0] = 91
  payload.writeUInt32BE(recipient, 1)
  payload.writeUInt32BE(sender, 5)
  payload.writeUInt32BE(window, 9)
  payload.writeUInt32BE(32_768, 13)
  return payload
}
