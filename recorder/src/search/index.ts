export { castText, type TextLimits, type TextPart } from './cast-text.ts'
export { openIndex } from './schema.ts'
export { openSearchIndex, type SearchIndex, type SearchIndexOptions } from './search-index.ts'
export { commandTerms, outputTerms, type Terms } from './terms.ts'
