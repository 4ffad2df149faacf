export { LOGIN, openTarget, prepareTarget, TARGET } from './demonstration-target.ts'
export type { DemonstrationTarget, TargetOptions } from './demonstration-target.ts'
export { loadTerminals } from './terminal-program.ts'
export type { StartInTerminal } from './terminal-program.ts'
