import { readFile } from 'node:fs/promises'
import { parsePolicy } from '../decide/index.ts'
import { ask, columns, fieldsOf, rowsOf, type Console } from './control.ts'

/** Checks a policy file and prints what is wrong with it; returns whether it would load. */
export async function checkPolicy(
  file: string,
  json: boolean,
  say: (text: string) => void,
): Promise<boolean> {
  const parsed = parsePolicy(await readFile(file, 'utf8'), { file })
  if (parsed.kind === 'policy') {
    const { revision } = parsed.policy
    say(json ? JSON.stringify({ valid: true, revision }) : `${file}: valid, revision ${revision}`)
    return true
  }
  if (json) say(JSON.stringify({ valid: false, problems: parsed.problems }))
  else {
    for (const { line, column, path, message } of parsed.problems) {
      say(`${file}:${line}:${column}: ${path}: ${message}`)
    }
  }
  return false
}

/** Has a running bastion read its policy again; returns whether it is in force. */
export async function reloadPolicy(config: string, console: Console): Promise<boolean> {
  const path = '/api/policy/reload'
  const { status, body } = await ask({ config, method: 'POST', path, body: {} }, console)
  const loaded = status === 200
  if (console.json) {
    console.say(JSON.stringify(body))
    return loaded
  }
  const { kind, revision, problems } = fieldsOf(body)
  if (loaded) {
    console.say(columns(kind, 'revision', revision))
    return true
  }
  for (const { line, column, path: place, message } of rowsOf(problems)) {
    console.say(`${columns(line)}:${columns(column)}: ${columns(place)}: ${columns(message)}`)
  }
  console.say(`refused; revision ${columns(revision)} stays in force`)
  return false
}
