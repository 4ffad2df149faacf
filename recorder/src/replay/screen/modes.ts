import { changedPen, penText, PLAIN, type Pen } from './pen.ts'

/** Modes that change what is drawn by what follows; the private ones are marked. */
const KEPT = new Set(['4', '20', '?5', '?6', '?7', '?25'])

interface Saved {
  readonly pen: Pen
  readonly charsets: ReadonlyMap<string, string>
}

/** Keeps what a terminal was told about how to draw, which its screen does not show. */
export class Modes {
  #pen = PLAIN
  #charsets = new Map<string, string>()
  /** Each screen has a scrolling region of its own. */
  readonly #regions = { normal: '', alternate: '' }
  #screen: 'normal' | 'alternate' = 'normal'
  readonly #saved: Record<'normal' | 'alternate', Saved> = {
    normal: { pen: PLAIN, charsets: new Map() },
    alternate: { pen: PLAIN, charsets: new Map() },
  }
  readonly #modes = new Map<string, 'h' | 'l'>()

  csi(params: string, final: string): void {
    if (final === 'm' && /^[\d;:]*$/.test(params)) this.#pen = changedPen(this.#pen, params)
    else if (final === 'r' && /^[\d;]*$/.test(params)) this.#regions[this.#screen] = params
    else if (final === 's' && params === '') this.#save()
    else if (final === 'u' && params === '') this.#restore()
    else if (final === 'p' && params === '!') this.#reset()
    else if (final === 'h' || final === 'l') this.#mode(params, final)
  }

  escape(sequence: string): void {
    if (sequence === 'c') this.#reset()
    else if (sequence === '7') this.#save()
    else if (sequence === '8') this.#restore()
    else if (/^[()][A-Za-z0-9]$/.test(sequence)) {
      this.#charsets.set(sequence.charAt(0), `\u001b${sequence}`)
    }
  }

  /** A size of its own ends a scrolling region. */
  resized(): void {
    this.#regions.normal = ''
    this.#regions.alternate = ''
  }

  get isOrigin(): boolean {
    return this.#modes.get('?6') === 'h'
  }

  get hasRegion(): boolean {
    return this.#regions[this.#screen] !== ''
  }

  /** The first line of the scrolling region, from 1. */
  get top(): number {
    return Math.max(1, Number(this.#regions[this.#screen].split(';')[0] ?? '1') || 1)
  }

  /** Returns the sequences that set all of this, except for colours and attributes. Some move the cursor. */
  settings(): string {
    const modes = [...this.#modes].map(([mode, end]) => `\u001b[${mode}${end}`)
    return regionText(this.#regions[this.#screen]) + modes.join('')
  }

  /** Returns the sequences that set colours, attributes and character sets. */
  pen(): string {
    return textOf({ pen: this.#pen, charsets: this.#charsets })
  }

  /** Returns the sequences that set them as they will be when the other screen is left. */
  penOfNormal(): string {
    return textOf(this.#saved.normal)
  }

  /** Returns the sequence that sets the scrolling region of the other screen. It moves the cursor. */
  regionOfNormal(): string {
    return regionText(this.#regions.normal)
  }

  #mode(params: string, end: 'h' | 'l'): void {
    const isPrivate = params.startsWith('?')
    for (const number of params.slice(isPrivate ? 1 : 0).split(';')) {
      const mode = isPrivate ? `?${number}` : number
      if (mode === '?1049' || mode === '?1048') this.#saveOrRestore(mode, end)
      else if (mode === '?47' || mode === '?1047') this.#switch(end)
      else if (KEPT.has(mode)) this.#modes.set(mode, end)
    }
  }

  /** Each screen has a place of its own for what is saved. */
  #saveOrRestore(mode: string, end: 'h' | 'l'): void {
    if (end === 'h') this.#save()
    if (mode === '?1049') this.#switch(end)
    if (end === 'l') this.#restore()
  }

  #switch(end: 'h' | 'l'): void {
    this.#screen = end === 'h' ? 'alternate' : 'normal'
    if (end === 'l') this.#regions.alternate = ''
  }

  #save(): void {
    this.#saved[this.#screen] = {
      pen: this.#pen,
      charsets: new Map(this.#charsets),
    }
  }

  #restore(): void {
    const saved = this.#saved[this.#screen]
    this.#pen = saved.pen
    this.#charsets = new Map(saved.charsets)
  }

  #reset(): void {
    this.#screen = 'normal'
    this.#pen = PLAIN
    this.#charsets.clear()
    this.resized()
    this.#modes.clear()
  }
}

function textOf({ pen, charsets }: Saved): string {
  return [...charsets.values()].join('') + penText(pen)
}

function regionText(region: string): string {
  return region === '' ? '' : `\u001b[${region}r`
}
