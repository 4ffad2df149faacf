import { columns, fieldsOf, rowsOf } from './control.ts'

type Fields = Readonly<Record<string, unknown>>

/** Returns one line that says where a target is and how far its host keys are settled. */
export function targetLine(target: Fields): string {
  const keys = rowsOf(target['hostKeys'])
  const count = (state: string): number => keys.filter((key) => key['state'] === state).length
  const counts = ['pinned', 'candidate', 'revoked']
    .filter((state) => state === 'pinned' || count(state) > 0)
    .map((state) => `${state} ${count(state)}`)
  const quarantine = target['quarantine'] === undefined ? [] : ['in quarantine']
  return columns(target['name'], place(target), ...counts, ...quarantine)
}

/** Returns all that is known of the host keys of a target. */
export function targetLines(target: Fields): readonly string[] {
  const logins = Array.isArray(target['logins']) ? target['logins'] : []
  return [
    columns(target['name'], place(target), `logins ${logins.join(' ')}`),
    ...quarantineLines(target),
    ...rowsOf(target['hostKeys']).map(keyLine),
  ]
}

/** Returns one line for one key: what it counts for, and where it came from. */
export function keyLine(key: Fields): string {
  const { kind, state, type, fingerprint, source, at, by, reason, lastSeen } = key
  const what = kind === 'authority' ? `${columns(state)} authority` : state
  const seen = lastSeen === undefined ? 'never seen' : `seen ${columns(lastSeen)}`
  const who = at === undefined ? [] : [`${columns(at)} by ${columns(by)}`]
  const why = reason === undefined ? [] : [reason]
  return columns(what, type, fingerprint, source, seen, ...who, ...why)
}

export function quarantineLines(target: Fields): readonly string[] {
  if (target['quarantine'] === undefined) return []
  const { since, expected, offered } = fieldsOf(target['quarantine'])
  const pinned = Array.isArray(expected) ? expected.join(' or ') : ''
  return [
    columns(`in quarantine since ${columns(since)}: it showed ${columns(offered)}`),
    columns(`when pinned was ${pinned || 'none'}; nobody is let on to it`),
  ]
}

function place({ address, port }: Fields): string {
  const host = columns(address)
  return host.includes(':') ? `[${host}]:${columns(port)}` : `${host}:${columns(port)}`
}
