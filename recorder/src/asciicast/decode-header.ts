import type { CastHeader, CastSession, CastTerm } from './cast.ts'

/** Returns the header in a cast's first line, or why it is none. Unknown keys are left out. */
export function decodeHeader(
  line: string,
): { kind: 'header'; header: CastHeader } | { kind: 'bad'; reason: string } {
  const value = parseObject(line)
  if (value === undefined) return { kind: 'bad', reason: 'the header is not a JSON object' }
  if (value['version'] !== 3) return { kind: 'bad', reason: 'the version is not 3' }
  const term = decodeTerm(value['term'])
  if (term === undefined) return { kind: 'bad', reason: 'term.cols and term.rows are not sizes' }
  const session = decodeSession(value['sallyport'])
  const environment = object(value['env'])?.['TERM']
  return {
    kind: 'header',
    header: {
      version: 3,
      term,
      ...(typeof value['timestamp'] === 'number' ? { timestamp: value['timestamp'] } : {}),
      ...(typeof value['title'] === 'string' ? { title: value['title'] } : {}),
      ...(typeof value['command'] === 'string' ? { command: value['command'] } : {}),
      ...(typeof environment === 'string' ? { env: { TERM: environment } } : {}),
      ...(session === undefined ? {} : { sallyport: session }),
    },
  }
}

/** Returns the JSON object in `text`, or undefined. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return object(JSON.parse(text))
  } catch {
    return undefined
  }
}

function decodeTerm(value: unknown): CastTerm | undefined {
  const term = object(value)
  const cols = term?.['cols']
  const rows = term?.['rows']
  const type = term?.['type']
  if (!isSize(cols) || !isSize(rows)) return undefined
  return { cols, rows, ...(typeof type === 'string' ? { type } : {}) }
}

function decodeSession(value: unknown): CastSession | undefined {
  const session = object(value)
  if (session === undefined) return undefined
  const { recording, channel, kind, pty } = session
  if (typeof recording !== 'string' || typeof channel !== 'number') return undefined
  if (typeof kind !== 'string' || typeof pty !== 'boolean') return undefined
  return {
    recording,
    channel,
    kind,
    pty,
    ...text(session, 'identity'),
    ...text(session, 'target'),
    ...text(session, 'login'),
    ...text(session, 'clientAddress'),
    ...text(session, 'policy'),
  }
}

function text<Name extends string>(
  source: Readonly<Record<string, unknown>>,
  name: Name,
): Partial<Record<Name, string>> {
  const value = source[name]
  return typeof value === 'string' ? ({ [name]: value } as Record<Name, string>) : {}
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
}

function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as Record<string, unknown>
}
