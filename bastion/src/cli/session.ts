import { ask, columns, fieldsOf, rowsOf, type Console } from './control.ts'

/** Prints the connections that are open now. */
export async function listSessions(config: string, console: Console): Promise<void> {
  const answer = await ask({ config, method: 'GET', path: '/api/live' }, console)
  if (console.json) return console.say(JSON.stringify(answer.body))
  for (const row of rowsOf(fieldsOf(answer.body)['live'])) {
    const { connectionId, recordingId, hop, identity, login, target, startedAt } = row
    console.say(columns(connectionId, recordingId, hop, identity, login, target, startedAt))
  }
}

/** Ends the connection or the recorded session of this id. */
export async function terminateSession(
  config: string,
  id: string,
  reason: string,
  console: Console,
): Promise<void> {
  const path = `/api/live/${encodeURIComponent(id)}/terminate`
  const answer = await ask({ config, method: 'POST', path, body: { reason } }, console)
  if (console.json) return console.say(JSON.stringify(answer.body))
  for (const row of rowsOf(fieldsOf(answer.body)['ended'])) {
    console.say(columns('ended', row['connectionId'], row['identity'], row['target']))
  }
}
