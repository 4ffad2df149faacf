/** HTML text in which every interpolated value has been escaped. */
export interface Markup {
  readonly kind: 'markup'
  readonly text: string
}

type Value = string | Markup | readonly Markup[] | undefined

/** Returns markup: strings are escaped for text and quoted attributes, nested markup is kept. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const text = parts.reduce((before, part, index) => before + render(values[index - 1]) + part)
  return { kind: 'markup', text }
}

function render(value: Value): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return escape(value)
  if ('kind' in value) return value.text
  return value.map((item) => item.text).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
