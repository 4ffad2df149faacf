import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Returns what axe finds wrong with a page, in the rules of WCAG 2.2 A and AA and of `more` tags. */
export async function violationsOf(page: Page, more: readonly string[] = []): Promise<string[]> {
  const source = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
  // Evaluated by the debugger, which the page's policy does not concern. Once it is there, it stays.
  if (!(await page.evaluate(() => Reflect.has(window, 'axe')))) await page.evaluate(source)
  return page.evaluate(
    async (tags) => {
      const axe: { run(options: object): Promise<{ violations: Violation[] }> } = Reflect.get(
        window,
        'axe',
      )
      interface Violation {
        readonly id: string
        readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
      }
      const { violations } = await axe.run({ runOnly: tags })
      return violations.map(({ id, nodes }) => {
        const [first] = nodes
        return `${id}: ${nodes.length} × ${first?.html.slice(0, 200)} ${first?.failureSummary ?? ''}`
      })
    },
    [...WCAG, ...more],
  )
}
