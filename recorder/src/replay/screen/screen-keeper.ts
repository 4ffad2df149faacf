import type { ShownEvent } from '../../view/shown-events.ts'
import type { Screenful, TermSize } from '../outline.ts'

/** Follows what a terminal shows. */
export interface ScreenKeeper {
  begin(size: TermSize): void
  take(event: ShownEvent): void
  /** Resolves to the screen after all that was taken. */
  now(): Promise<Screenful>
}
