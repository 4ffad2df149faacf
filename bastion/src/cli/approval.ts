import { z } from 'zod'
import { quoteWord } from '../decide/parse/index.ts'
import { quoted } from '../words.ts'

/** One call over the control socket of a running bastion. */
export type Call = (request: {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}) => Promise<{ readonly status: number; readonly body: unknown }>

/** What each of the commands needs. */
export interface ApprovalCommand {
  readonly call: Call
  readonly say: (text: string) => void
  readonly json: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const row = z.object({
  ticket: z.string(),
  digest: z.string(),
  state: z.string(),
  expiresAt: z.number(),
  identity: z.string(),
  issuer: z.string(),
  subject: z.string(),
  claims: z.record(z.string(), z.unknown()),
  target: z.string(),
  login: z.string(),
  clientAddress: z.string(),
  recordingId: z.string(),
  rule: z.string(),
  judged: z.boolean(),
  argv: z.array(z.array(z.string())),
  text: z.string(),
  variables: z.array(z.string()),
  before: z.array(z.string()),
  waitsFor: z.string(),
  grantSeconds: z.number(),
  barred: z.string().optional(),
})
type Row = z.infer<typeof row>

const listBody = z.object({ rows: z.array(row) })
const oneBody = z.object({ row })
const refusal = z.object({ message: z.string() })
const decided = z.object({
  kind: z.enum(['approved', 'waiting', 'refused']),
  waitsFor: z.string().optional(),
  grantUntil: z.number().optional(),
})

/** Prints what waits. */
export async function listApprovals({ call, say, json, now }: ApprovalCommand): Promise<boolean> {
  const { status, body } = await call({ method: 'GET', path: '/api/approvals' })
  const read = listBody.safeParse(body)
  if (status !== 200 || !read.success) return complain(say, json, body)
  if (json) {
    say(JSON.stringify(body))
    return true
  }
  const { rows } = read.data
  if (rows.length === 0) say('nothing waits for approval')
  for (const each of rows) {
    const where = `${word(each.login)}@${word(each.target)}`
    say(
      `${each.ticket}  ${left(each, now())}  ${word(each.identity)}  ${where}  ${commandOf(each)}`,
    )
  }
  return true
}

/** Prints one held command with all that there is to know before deciding. */
export async function showApproval(
  ticket: string,
  { call, say, json, now }: ApprovalCommand,
): Promise<boolean> {
  const { status, body } = await call({ method: 'GET', path: pathOf(ticket) })
  const read = oneBody.safeParse(body)
  if (status !== 200 || !read.success) return complain(say, json, body)
  if (json) say(JSON.stringify(body))
  else for (const line of linesOf(read.data.row, now())) say(line)
  return true
}

export interface Decision {
  readonly verdict: 'approve' | 'refuse'
  readonly reason: string
  readonly grantSeconds: number
  /** The digest that `show` printed; without it, what is stored now is printed and decided on. */
  readonly digest?: string
}

/** Approves or refuses, and prints what came of it. */
export async function decideApproval(
  ticket: string,
  { verdict, reason, grantSeconds, digest }: Decision,
  { call, say, json, now }: ApprovalCommand,
): Promise<boolean> {
  const shown = await call({ method: 'GET', path: pathOf(ticket) })
  const read = oneBody.safeParse(shown.body)
  if (shown.status !== 200 || !read.success) return complain(say, json, shown.body)
  if (!json) for (const line of linesOf(read.data.row, now())) say(line)
  const sent = { verdict, digest: digest ?? read.data.row.digest, reason, grantSeconds }
  const path = `${pathOf(ticket)}/decision`
  const { status, body } = await call({ method: 'POST', path, body: sent })
  const answer = decided.safeParse(body)
  if (status !== 200 || !answer.success) return complain(say, json, body)
  if (json) {
    say(JSON.stringify(body))
    return true
  }
  const { kind, waitsFor = '', grantUntil } = answer.data
  const until = grantUntil === undefined ? '' : ` until ${new Date(grantUntil).toISOString()}`
  say(kind === 'waiting' ? `approved; still waits for ${word(waitsFor)}` : `${kind}${until}`)
  return true
}

function pathOf(ticket: string): string {
  return `/api/approvals/${encodeURIComponent(ticket)}`
}

function linesOf(each: Row, now: number): readonly string[] {
  const state = each.state === 'pending' ? left(each, now) : each.state
  const claims = Object.entries(each.claims).map(([name, value]) => {
    return `claim     ${word(name)} = ${quoted(typeof value === 'string' ? value : JSON.stringify(value))}`
  })
  const words = each.argv.map((argv) => `runs      ${argv.map(quoted).join(' ')}`)
  return [
    `ticket    ${each.ticket} (${state})`,
    `identity  ${word(each.identity)} (${word(each.subject)} at ${word(each.issuer)})`,
    ...claims,
    `from      ${word(each.clientAddress)}`,
    `at        ${word(each.login)}@${word(each.target)}`,
    `rule      ${word(each.rule)}`,
    ...(each.waitsFor === '' ? [] : [`waits for ${word(each.waitsFor)}`]),
    ...each.variables.map((text) => `variable  ${quoted(text)}`),
    ...each.before.map((text) => `before    ${quoted(text)}`),
    ...(each.judged ? words : ['not judged: exact text']),
    `sends     ${quoted(each.text)}`,
    `digest    ${each.digest}`,
    ...(each.barred === undefined ? [] : [`you       ${word(each.barred)}`]),
  ]
}

function commandOf(each: Row): string {
  if (!each.judged) return `not judged: ${quoted(each.text)}`
  // The words are easier to read, but say nothing of redirects, operators, folders and variables.
  const plain = each.argv.map((argv) => argv.map(quoteWord).join(' ')).join(' ; ')
  if (plain !== each.text) return `sends ${quoted(each.text)}`
  return each.argv.map((argv) => argv.map(quoted).join(' ')).join(' ; ')
}

function left({ expiresAt }: Row, now: number): string {
  return `${Math.max(0, Math.ceil((expiresAt - now) / 1000))} s left`
}

/** Text without anything that a terminal would act on; plain text stays as it is. */
function word(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : quoted(text)
}

function complain(say: (text: string) => void, json: boolean, body: unknown): false {
  const read = refusal.safeParse(body)
  const message = read.success
    ? read.data.message
    : 'the bastion gave an answer that is not understood'
  say(json ? JSON.stringify({ error: message }) : word(message))
  return false
}
