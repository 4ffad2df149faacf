import { readFile } from 'node:fs/promises'
import { parsePolicy } from '../decide/index.ts'

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
