/**
 * An authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT) as bytes. What is not ours stays as it is, byte for
 * byte: other lines, their order, their line ends, what is no UTF-8.
 */

/** One line that lets a key in. */
export interface AuthorizedKey {
  /** Counted from 0. */
  readonly line: number
  /** What stands before the type, blanks at its end included; empty when nothing does. */
  readonly options: string
  /** The key in base64, which is exact. */
  readonly key: string
}

/** Returns the lines that let a key in; comments and lines that sshd would pass over are not among them. */
export function readAuthorizedKeys(bytes: Buffer): readonly AuthorizedKey[] {
  return linesOf(bytes).flatMap((content, line) => {
    const found = readLine(content)
    return found === undefined ? [] : [{ line, ...found }]
  })
}

/**
 * Returns the file with `added` (a type and a key in base64, and maybe a comment) behind each line of the key `beside`,
 * with the options of that line. Returns undefined when it already stands there, with each of these options.
 *
 * @throws {RangeError} when the key `beside` does not stand in the file.
 */
export function addBeside(bytes: Buffer, added: string, beside: string): Buffer | undefined {
  const present = readAuthorizedKeys(bytes)
  const models = present.filter(({ key }) => key === beside)
  if (models.length === 0) throw new RangeError('the key beside which to add is not there')
  const key = keyOf(added)
  const has = new Set(present.filter((one) => one.key === key).map(({ options }) => options))
  const missing = new Map(
    models.filter(({ options }) => !has.has(options)).map(({ options, line }) => [options, line]),
  )
  if (missing.size === 0) return undefined
  const after = new Map([...missing].map(([options, line]) => [line, options]))
  const pieces = linesOf(bytes).map((content, line) => {
    const options = after.get(line)
    if (options === undefined) return content
    const end = /\r?\n$/.exec(content)?.[0] ?? ''
    return `${content}${end === '' ? '\n' : ''}${options}${added}${end === '' ? '\n' : end}`
  })
  return Buffer.from(pieces.join(''), 'latin1')
}

/** Returns the file without each line of a key; undefined when it has none. */
export function removeKey(bytes: Buffer, key: string): Buffer | undefined {
  const gone = new Set(
    readAuthorizedKeys(bytes)
      .filter((one) => one.key === key)
      .map(({ line }) => line),
  )
  if (gone.size === 0) return undefined
  const kept = linesOf(bytes).filter((_, line) => !gone.has(line))
  return Buffer.from(kept.join(''), 'latin1')
}

/** Returns the base64 of a public key line without options. */
export function keyOf(publicKeyLine: string): string {
  return publicKeyLine.split(' ')[1] ?? ''
}

// Each byte is one character, so that none is lost; every line keeps its end.
function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? []
}

const types = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
])

function readLine(content: string): { readonly options: string; readonly key: string } | undefined {
  const line = content.replace(/^[ \t]+/, '')
  if (/^(?:#|\r?\n|$)/.test(line)) return undefined
  const whole = readKey(line)
  if (whole !== undefined) return { options: '', key: whole }
  const end = endOfOptions(line)
  if (end === undefined) return undefined
  const rest = line.slice(end).replace(/^[ \t]+/, '')
  const key = readKey(rest)
  return key === undefined ? undefined : { options: line.slice(0, line.length - rest.length), key }
}

function readKey(text: string): string | undefined {
  const [, type = '', key] =
    /^([a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?=[ \t\r\n]|$)/.exec(text) ?? []
  return types.has(type) ? key : undefined
}

// A blank ends the options, but for one inside double quotes, where a backslash takes a quote.
function endOfOptions(line: string): number | undefined {
  let quoted = false
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at]
    if (char === '\\' && line[at + 1] === '"') at += 1
    else if (char === '"') quoted = !quoted
    else if (!quoted && (char === ' ' || char === '\t')) return at
    else if (char === '\n') return undefined
  }
  return undefined
}
