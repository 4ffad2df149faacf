export type { FileCommand } from './file-command.ts'
export { readFileCommand } from './read.ts'
