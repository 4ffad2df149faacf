import type { ClosedChannel, OpenedChannel, StartedRecording } from './changes.ts'
import type { CommandRow, RecordingFilters, RecordingStatus } from '../rows/index.ts'

/** Something that is true of a recording and that lists can be filtered by. */
export interface Facet {
  readonly name: string
  readonly value: string
}

/** Longer values are kept, but nobody can filter by them. */
export const LONGEST_FACET = 512

/** Most values of one claim, and most claims, that can be filtered by. */
const MOST_VALUES = 32

/** Returns what is true of a recording from its start on. */
export function facetsOfStart(recording: StartedRecording): readonly Facet[] {
  const { identity, target, login, claims } = recording
  return [
    { name: 'agent', value: identity },
    { name: 'target', value: target },
    { name: 'login', value: login },
    facetOfStatus('running'),
    ...Object.entries(claims).slice(0, MOST_VALUES).flatMap(claimFacets),
  ].filter(isShort)
}

/** Returns the facet of a status. */
export function facetOfStatus(status: RecordingStatus): Facet {
  return { name: 'status', value: status }
}

/** Returns what a channel makes true of its recording. */
export function facetsOfChannel(channel: Pick<OpenedChannel, 'activity'>): readonly Facet[] {
  return [{ name: 'kind', value: channel.activity }].filter(isShort)
}

/** Returns what the end of a channel makes true of its recording. */
export function facetsOfEnd(
  channel: Pick<ClosedChannel, 'exitStatus' | 'exitSignal'>,
): readonly Facet[] {
  const { exitStatus, exitSignal } = channel
  const values: string[] = []
  if (exitStatus !== undefined) values.push(String(exitStatus))
  if (exitSignal !== undefined) values.push('signal')
  if (exitSignal !== undefined || (exitStatus ?? 0) !== 0) values.push('failed')
  return values.map((value) => ({ name: 'exit', value }))
}

/** Returns what a decision makes true of its recording. */
export function facetsOfCommand(
  command: Pick<CommandRow, 'effect' | 'rule' | 'judged' | 'held'>,
): readonly Facet[] {
  const { effect, rule, judged, held } = command
  const allowed = judged ? 'allowed' : 'not-judged'
  // A line of several commands names the rule of each.
  const rules = rule.split(',', MOST_VALUES).map((name) => ({ name: 'rule', value: name.trim() }))
  return [
    { name: 'decision', value: effect === 'deny' ? 'denied' : allowed },
    ...(held ? [{ name: 'decision', value: 'held' }] : []),
    ...rules,
  ].filter(isShort)
}

/** Returns the facets that a recording must have to pass the filters. */
export function facetsOfFilters(filters: RecordingFilters): readonly Facet[] {
  const { agent, target, login, status, kind, decision, rule, exit, claims = [] } = filters
  const named = { agent, target, login, status, kind, decision, rule, exit }
  const facets: Facet[] = []
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined) facets.push({ name, value: String(value) })
  }
  return [...facets, ...claims.map(({ name, value }) => ({ name: `claim.${name}`, value }))]
}

function claimFacets([name, value]: [string, unknown]): readonly Facet[] {
  const values: readonly unknown[] = Array.isArray(value) ? value.slice(0, MOST_VALUES) : [value]
  return values.flatMap((each) => {
    const isScalar = ['string', 'number', 'boolean'].includes(typeof each)
    return isScalar ? [{ name: `claim.${name}`, value: String(each) }] : []
  })
}

function isShort({ name, value }: Facet): boolean {
  return name.length <= LONGEST_FACET && value.length <= LONGEST_FACET
}
