import type { Complaint } from './complaint.ts'
import type { RuleDocument, RuleSubject } from './document.ts'
import { runComplaints } from './unmatchable.ts'

// What waits for people must be able to wait: the other requests are answered at once.
const approvable: readonly RuleSubject[] = [
  'run',
  'shell',
  'subsystem',
  'unresolved',
  'files',
  'git',
]

/** Returns what does not go together in a rule: its effect, its subject and what it says of it. */
export function effectComplaints(rule: RuleDocument, subject: RuleSubject): readonly Complaint[] {
  switch (rule.effect) {
    case 'deny':
      return [...approveComplaints(rule), ...denyComplaints(rule)]
    case 'approve':
      return [...approveComplaints(rule), ...subjectComplaints(subject), ...openComplaints(rule)]
    case 'allow':
      return [...approveComplaints(rule), ...openComplaints(rule)]
  }
}

function approveComplaints(rule: RuleDocument): readonly Complaint[] {
  if (rule.effect === 'approve')
    return rule.approve === undefined
      ? [{ path: ['effect'], message: 'an approve rule says who approves: approve: {by: …}' }]
      : []
  return rule.approve === undefined
    ? []
    : [{ path: ['approve'], message: 'only a rule with effect: approve has this' }]
}

function subjectComplaints(subject: RuleSubject): readonly Complaint[] {
  if (approvable.includes(subject)) return []
  const message = `${subject} cannot wait for people; only ${approvable.join(', ')} can`
  return [{ path: ['effect'], message }]
}

function openComplaints(rule: RuleDocument): readonly Complaint[] {
  const found: Complaint[] = [...runComplaints(rule)]
  if (rule.shell !== undefined && rule.shell.mode === undefined)
    found.push({
      path: ['shell'],
      message:
        'say which shell: mode: guarded (each line is judged) or mode: observed ' +
        '(recorded, and nothing that is typed is judged)',
    })
  if (rule.unresolved !== undefined && (rule.unresolved === 'allow') !== (rule.effect === 'allow'))
    found.push({
      path: ['unresolved'],
      message:
        rule.effect === 'allow'
          ? 'with effect: allow this is unresolved: allow'
          : 'people are asked about a text that they can read: unresolved: {max_bytes: 2048}',
    })
  return found
}

// What narrows an allow rule would open a deny rule: `rm -rfv /` has an option that nobody listed.
function denyComplaints(rule: RuleDocument): readonly Complaint[] {
  const found: Complaint[] = []
  if (rule.unresolved !== undefined)
    found.push({ path: ['unresolved'], message: 'unresolved lines are denied without a rule' })
  for (const field of ['as', 'options', 'stdin', 'redirects', 'clean_env'] as const)
    if (rule.run?.[field] !== undefined)
      found.push({
        path: ['run', field],
        message: `a deny rule matches whatever stands beside its argv; it has no ${field}`,
      })
  if (typeof rule.run?.rest === 'object')
    found.push({
      path: ['run', 'rest'],
      message: 'a deny rule matches whatever stands beside its argv; it has no rest but any',
    })
  return found
}
