/** Returns the rules of a decision in one order, each once: the order of a line's commands means nothing here. */
export function ruleKey(rule: string): string {
  return [...new Set(rule.split(',').map((id) => id.trim()))].sort().join(',')
}
