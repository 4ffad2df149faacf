export { builtinNames } from './builtin.ts'
export { LineJudge } from './line-judge.ts'
export { deniedStatus, misusedStatus, type Step } from './step.ts'
