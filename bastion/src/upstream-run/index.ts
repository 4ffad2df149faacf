export { runAtUpstream } from './run-at-upstream.ts'
export type { UpstreamOutcome, UpstreamRunOptions } from './run-at-upstream.ts'
