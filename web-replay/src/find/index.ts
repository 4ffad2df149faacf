export { csvLine } from './csv.ts'
export { parseFilters, type ParsedFilters } from './filters.ts'
export { parseMoment } from './moment.ts'
export { isInScope, scopeOf, type ScopeRule } from './scope.ts'
