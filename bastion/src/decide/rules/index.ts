export { compileRule, type CompiledRule } from './compile.ts'
export type { RuleDocument } from './document.ts'
