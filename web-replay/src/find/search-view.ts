import { recordingView } from '../review/recording-view.ts'
import { visibleText } from '../review/visible-text.ts'
import type { SearchHit, SearchPage } from '../roles.ts'

/** Returns what was found as JSON for a reviewer, all recorded text made visible. */
export function searchView(page: SearchPage): Readonly<Record<string, unknown>> {
  return {
    groups: page.groups.map(({ recording, hits, more }) => ({
      recording: recordingView(recording),
      hits: hits.map(hitView),
      more,
    })),
    next: page.next,
    waiting: page.waiting,
  }
}

function hitView(hit: SearchHit): SearchHit {
  const { channel, offset, effect, judged } = hit
  const pieces = hit.pieces.map(({ text, hit: isHit }) => ({ text: visibleText(text), hit: isHit }))
  return { channel, offset, pieces, effect, judged }
}
