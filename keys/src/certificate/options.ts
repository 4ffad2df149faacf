import { KeysError } from '../errors.ts'
import { createReader } from '../wire/reader.ts'
import { createWriter } from '../wire/writer.ts'

/** Options that are either there or not; a value would be silently lost on some readers. */
const flags = new Set([
  'no-touch-required',
  'permit-X11-forwarding',
  'permit-agent-forwarding',
  'permit-port-forwarding',
  'permit-pty',
  'permit-user-rc',
  'verify-required',
])

/** Options that mean nothing without a value. */
const valued = new Set(['force-command', 'source-address'])

/** Returns why this name and value cannot stand in a certificate, or undefined. */
export function optionProblem(name: string, value: string): string | undefined {
  if (!/^[!-~]{1,128}$/.test(name)) return 'an option name is empty, too long or not printable'
  if (flags.has(name) && value !== '') return `option ${name} takes no value`
  if (valued.has(name) && value === '') return `option ${name} needs a value`
  return undefined
}

/**
 * PROTOCOL.certkeys: pairs of string name, string data, in lexical order, each name once. The data
 * is empty for a flag and else one string. Names are ASCII, so text order is byte order.
 */
export function readOptions(bytes: Buffer): ReadonlyMap<string, string> {
  const reader = createReader(bytes)
  const options = new Map<string, string>()
  let previous = ''
  while (reader.remaining > 0) {
    const name = reader.text()
    const value = readValue(reader.string())
    const problem = optionProblem(name, value)
    if (problem !== undefined) throw invalid(problem)
    if (name <= previous) throw invalid(`option ${name} is repeated or out of order`)
    options.set(name, value)
    previous = name
  }
  return options
}

/** Returns the wire form of checked options, sorted. */
export function writeOptions(options: ReadonlyMap<string, string>): Buffer {
  const writer = createWriter()
  for (const name of [...options.keys()].toSorted()) {
    const value = options.get(name) ?? ''
    writer.string(name).string(value === '' ? '' : createWriter().string(value).bytes())
  }
  return writer.bytes()
}

function readValue(data: Buffer): string {
  if (data.length === 0) return ''
  const reader = createReader(data)
  const value = reader.text()
  reader.end()
  // Two encodings of "no value" would let two readers see two certificates.
  if (value === '') throw invalid('an option has an empty value')
  return value
}

function invalid(message: string): KeysError {
  return new KeysError('ERR_KEYS_CERTIFICATE_INVALID', message)
}
