export { runQuickstart } from './quickstart.ts'
export type { QuickstartOptions } from './quickstart.ts'
