export { readCommandText, readUnjudgedText, type CommandText } from './command-text.ts'
export { cleanEnvironment, emitLine, quoteWord, type EmitOptions } from './emit.ts'
export { readGrammar } from './grammar.ts'
export type {
  CommandLine,
  Joint,
  Redirect,
  RedirectOperator,
  Resolution,
  SimpleCommand,
  Unresolved,
} from './line.ts'
export { agree, resolveLine } from './resolve.ts'
export { tokenize } from './tokenizer.ts'
