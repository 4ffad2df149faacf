/** @import { Chapter } from './api-types' */

const WORDS = { allow: 'allowed', deny: 'denied', unjudged: 'not judged', marker: '', gap: '' }

/**
 * Returns `chapters` with a remark on each command that `others` do not have, or have with another outcome.
 *
 * @param {readonly Chapter[]} chapters
 * @param {readonly Chapter[]} others
 * @returns {readonly Chapter[]}
 */
export function withDifferences(chapters, others) {
  /** @type {Map<string, Set<Chapter['effect']>>} */
  const effects = new Map()
  for (const { text, effect } of others) {
    const known = effects.get(text) ?? new Set()
    effects.set(text, known.add(effect))
  }
  return chapters.map((chapter) => {
    if (chapter.effect === 'marker' || chapter.effect === 'gap') return chapter
    const there = effects.get(chapter.text)
    if (there === undefined) return { ...chapter, remark: 'only here' }
    if (there.has(chapter.effect)) return chapter
    return { ...chapter, remark: `${[...there].map((effect) => WORDS[effect]).join(', ')} there` }
  })
}
