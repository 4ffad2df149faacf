export type { ScreenLine } from './lines-told.ts'
export { type ScreenOptions, TextScreen } from './screen.ts'
