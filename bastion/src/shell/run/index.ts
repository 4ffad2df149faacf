export { CookedLine, type CookedEvent } from './cooked-line.ts'
export { commandSignal, statusOf } from './outcome.ts'
export { Running, type RunningOptions } from './running.ts'
