/**
 * The data path of one connection, stage by stage:
 *
 *     accept -> authenticate -> route -> (decide) -> record -> relay
 *
 * With `ssh -J` an agent authenticates twice: on the outer hop it may only name a target, and the inner connection to
 * that target comes through the outer one. Each stage takes what only the stage before can make.
 */
import type { AcceptedConnection } from './accept/listener.ts'
import { sameIdentity, type AuthenticatedIdentity } from './authenticate/identity.ts'
import { serveUserauth, type Admission } from './authenticate/userauth.ts'
import { BastionError } from './errors.ts'
import { Relay } from './relay/relay.ts'
import { serveJump } from './route/jump.ts'
import { chooseLogin, parseDirectLogin, type Target } from './route/target.ts'
import { DISCONNECT } from './ssh/messages.ts'
import { rejected, refused, reporter, who } from './report.ts'
import type { Link } from './ssh/link.ts'
import { handshake, type Transport } from './ssh/transport.ts'
import type { OuterHop, Passage, Stages, Ticket } from './stages.ts'

/** Serves one accepted TCP connection to its end. */
export async function serveConnection(accepted: AcceptedConnection, stages: Stages): Promise<void> {
  const { connectionId, clientAddress } = accepted
  const report = reporter(stages.audit, connectionId)
  const transport = stages.serve(accepted.link)
  transport.onClose((reason) => report('connection.closed', { reason }))
  await handshake(transport)
  const entered = await serveUserauth<AuthenticatedIdentity | Passage>({
    transport,
    ...stages.limits,
    judge: async (request) => {
      const direct = parseDirectLogin(request.username)
      const verdict = stages.verify(request, direct?.login ?? request.username, clientAddress)
      if (verdict.kind === 'rejected') return rejected(report, request, verdict)
      const { authenticated } = verdict
      if (direct === undefined) return { kind: 'admitted', value: authenticated }
      const found = stages.targets.byName(direct.target)
      if (found.kind === 'refused') return refused(report, found.message)
      const ticket: Ticket = { connectionId, authenticated, entry: 'direct' }
      return passTo(found.target, ticket, transport, stages)
    },
  })
  if (entered === undefined) return
  accepted.authenticated()
  if ('upstream' in entered) return relay(transport, entered, stages)
  report('authenticate.accepted', { hop: 'outer', ...who(entered) })
  stages.enter({ connectionId, authenticated: entered, transport })
  serveJump({
    transport,
    targets: stages.targets,
    portForwarding: entered.permits.portForwarding,
    maxChannels: stages.limits.maxJumps,
    serve: (link, target) => {
      serveInner(link, target, { connectionId, outer: entered }, stages).catch((error: unknown) => {
        report('connection.failed', { error })
        link.destroy()
      })
    },
    report,
  })
}

/** Serves the inner hop of `ssh -J`: the same identity again, now asking for one login at one target. */
async function serveInner(
  link: Link,
  target: Target,
  { connectionId, outer }: OuterHop,
  stages: Stages,
): Promise<void> {
  const report = reporter(stages.audit, connectionId)
  const transport = stages.serve(link, target.name)
  const grace = setTimeout(() => transport.close('login grace expired'), stages.limits.loginGrace)
  transport.onClose(() => clearTimeout(grace))
  await handshake(transport)
  const passage = await serveUserauth<Passage>({
    transport,
    ...stages.limits,
    judge: async (request) => {
      const verdict = stages.verify(request, request.username, outer.clientAddress)
      if (verdict.kind === 'rejected') return rejected(report, request, verdict)
      const { authenticated } = verdict
      if (!sameIdentity(outer, authenticated)) {
        report('authenticate.identity-changed', { outer: who(outer), inner: who(authenticated) })
        const message = 'the certificate is for another identity than on the outer hop'
        return { kind: 'refused', message }
      }
      const ticket: Ticket = { connectionId, authenticated, entry: '-J' }
      return passTo(target, ticket, transport, stages)
    },
  })
  clearTimeout(grace)
  if (passage !== undefined) relay(transport, passage, stages)
}

/** Route, then connect: that a target cannot be reached is said before the agent is let in. */
async function passTo(
  target: Target,
  ticket: Ticket,
  transport: Transport,
  stages: Stages,
): Promise<Admission<Passage>> {
  const { authenticated, connectionId } = ticket
  const report = reporter(stages.audit, connectionId)
  const chosen = chooseLogin(target, authenticated.login)
  if (chosen.kind === 'refused') return refused(report, chosen.message)
  const { route } = chosen
  const beyond = stages.outOfReach(authenticated, route)
  if (beyond !== undefined) return refused(report, beyond)
  try {
    const approach = { ...ticket, route, recordingId: stages.newRecordingId() }
    const upstream = await stages.connectUpstream(approach, transport.cipher)
    if (transport.closed) upstream.close('the agent is gone')
    return { kind: 'admitted', value: { ...approach, upstream } }
  } catch (error) {
    if (!(error instanceof BastionError) || error.code !== 'ERR_BASTION_UPSTREAM') throw error
    return refused(report, error.message, error.cause)
  }
}

/** Record, then relay: without a recording the connection ends here. */
function relay(transport: Transport, passage: Passage, stages: Stages): void {
  const { connectionId, authenticated, route, entry, upstream } = passage
  const report = reporter(stages.audit, connectionId)
  transport.unlisten()
  transport.onClose(() => upstream.close('the agent is gone'))
  report('authenticate.accepted', { hop: entry, target: route.target.name, ...who(authenticated) })
  try {
    const recorder = stages.record(passage)
    const relay = new Relay({
      agent: transport,
      target: upstream,
      permits: authenticated.permits,
      decide: stages.decider(passage),
      place: stages.place(passage),
      hostKeyUpdate: stages.hostKeyUpdate(passage),
      recorder,
      askApproval: stages.approver(passage, recorder.recordingId),
      maxChannels: stages.limits.maxChannels,
      report,
    }).start()
    const passed = { entry, route, relay, recordingId: recorder.recordingId }
    stages.enter({ ...passage, transport, passed })
  } catch (error) {
    report('record.failed', { error })
    const text = 'sallyport: no session, because its recording could not be opened'
    transport.disconnect(DISCONNECT.BY_APPLICATION, text)
    upstream.close(text)
  }
}
