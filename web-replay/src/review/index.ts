export { parseChannel, parsePageQuery, parseRecordingId } from './parameters.ts'
export type { PageQuery } from './parameters.ts'
export { visibleJson, visibleText } from './visible-text.ts'
