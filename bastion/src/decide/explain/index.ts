export { explain } from './explain.ts'
export type { ExplainedPart, Explanation, NamedRule, NearMiss } from './explanation.ts'
export { explanationLines } from './lines.ts'
