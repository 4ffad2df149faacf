export type { Passage } from './conversation.ts'
export { createSftpFilter, type SftpFilter, type SftpFilterOptions } from './filter.ts'
export { judgeWith } from './judge-with.ts'
export type { FileEvent, FileVerdict, JudgeFile, SftpLimits } from './roles.ts'
