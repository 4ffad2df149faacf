import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

/** Somebody who has never seen the app: reads what is on the screen, clicks on it, and is counted. */
export class Newcomer {
  readonly page: Page
  readonly clicks: string[] = []

  constructor(page: Page) {
    this.page = page
  }

  /** Clicks with the mouse on the first place where `text` stands, once it does. */
  async click(text: string): Promise<void> {
    const { x, y } = await this.#middleOf(text)
    this.clicks.push(text)
    await this.page.mouse.click(x, y)
  }

  /** Reads until `text` is there. */
  async sees(text: string): Promise<void> {
    await this.#shown(text).waitFor()
  }

  async types(text: string): Promise<void> {
    await this.page.keyboard.type(text)
  }

  /** A page that is still being put together may take away what was found a moment ago. */
  async #middleOf(text: string): Promise<{ readonly x: number; readonly y: number }> {
    for (let tries = 0; tries < 20; tries += 1) {
      const place = this.#shown(text)
      await place.waitFor()
      await place.scrollIntoViewIfNeeded().catch(() => {})
      const box = await place.boundingBox()
      if (box !== null) return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    }
    return assert.fail(`${text} does not stay`)
  }

  #shown(text: string): Locator {
    return this.page.getByText(text).filter({ visible: true }).first()
  }
}
