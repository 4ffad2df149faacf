/**
 * Returns one line of RFC 4180. A cell that a spreadsheet would run as a formula gets an apostrophe
 * in front: what was recorded is written by the party under review.
 */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

// The wide forms are taken for the narrow ones in some languages' spreadsheets.
const FORMULA = /^[\s"']*[=+\-@\uff0b\uff0d\uff1d\uff20]/

function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return `"${text.replaceAll('"', '""')}"`
}
