import type { Decision } from '../decision.ts'
import type { ExplainedPart, Explanation, NearMiss } from './explanation.ts'

/** Returns an explanation as lines for a terminal; whatever came from outside is quoted as JSON. */
export function explanationLines({ decision, parts }: Explanation): readonly string[] {
  const lines = [...decisionLines(decision), ...parts.flatMap(partLines), ...sentLines(decision)]
  return lines.map(withoutControls)
}

// No text of an agent may speak to the terminal.
function withoutControls(line: string): string {
  return line.replace(/\p{C}/gu, (found) => {
    const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `U+${code}`
  })
}

function decisionLines(decision: Decision): readonly string[] {
  const lines = [`${decision.effect} by ${decision.rule}`, `  ${decision.reason}`]
  if (decision.effect === 'deny') lines.push(`  the agent reads: ${decision.message}`)
  else if (decision.shell !== undefined) lines.push(`  as a shell that is ${decision.shell}`)
  if (decision.effect !== 'approve') return lines
  const asked = decision.terms.map(({ by, count, ttl, grant }) => {
    const who = [
      ...by.groups.map((name) => `group ${name}`),
      ...by.identities.map((name) => `identity ${name}`),
    ]
    const lasting = grant > 0 ? `, one approval may cover ${grant} s` : ''
    return `  needs ${count} of ${who.join(', ')} within ${ttl} s${lasting}`
  })
  return [...lines, ...asked]
}

function partLines(part: ExplainedPart, at: number): readonly string[] {
  const named = part.argv.length > 0 ? `command ${at + 1}: ${JSON.stringify(part.argv)}` : 'rules:'
  const lines = [part.runAs === undefined ? named : `${named} as ${part.runAs}`]
  if (part.refused !== undefined) lines.push(`  no rule can allow it: ${part.refused}`)
  for (const { effect, id, place } of part.matching) lines.push(`  ${effect} by ${id} (${place})`)
  if (part.matching.length === 0) lines.push('  no rule matches')
  for (const miss of part.nearest)
    lines.push(`  not ${miss.effect} by ${miss.id} (${miss.place}): ${describeMiss(miss)}`)
  if (part.closed !== undefined) lines.push(`  what it runs cannot be followed: ${part.closed}`)
  if (part.inside !== undefined) {
    lines.push('  or by rules for what it runs:')
    lines.push(...part.inside.flatMap(partLines).map((line) => `    ${line}`))
  }
  return lines
}

function describeMiss({ misfit }: NearMiss): string {
  if (misfit.kind === 'conditions') return `does not hold: ${misfit.unmet.join(', ')}`
  if (misfit.kind === 'file') return `expected ${misfit.expected}`
  const { word, found, expected } = misfit
  return found === undefined
    ? `word ${word + 1} is missing: expected ${expected}`
    : `word ${word + 1} is ${JSON.stringify(found)}: expected ${expected}`
}

function sentLines(decision: Decision): readonly string[] {
  if (decision.effect === 'deny' || decision.send === undefined || decision.send.length === 0)
    return []
  const text = decision.send.toString('utf8')
  // Text that nobody judged may hold anything.
  return [`sent: ${decision.judged && !text.includes('\n') ? text : JSON.stringify(text)}`]
}
