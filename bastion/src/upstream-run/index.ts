export { runAtUpstream } from './run-at-upstream.ts'
export type { UpstreamConnection, UpstreamOutcome, UpstreamRunOptions } from './run-at-upstream.ts'
