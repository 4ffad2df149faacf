export { flattenEffects, type CommandEffect, type Inside, type Unfolded } from './effect.ts'
export { unfoldLine } from './unfold.ts'
export { peel } from './wrappers/known.ts'
export type { Peel, WrappedCommand } from './peel.ts'
