import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import pino from 'pino'
import { BastionError } from '../errors.ts'

export type AuditDetail = Readonly<Record<string, unknown>>

/** Writes one event; `event` is `stage.verb`. Never throws: an audit that cannot be written goes to the log alone. */
export interface Audit {
  write(event: string, detail: AuditDetail): void
}

export interface AuditLog extends Audit {
  /** Writes an event without which nothing must happen: throws when it cannot be written to the file. */
  insist(event: string, detail: AuditDetail): void
  close(): void
}

export interface AuditOptions {
  /** The append-only file, one JSON object per line. */
  readonly file: string
  readonly now: () => Date
  /** Where the operational log goes; undefined for standard error. */
  readonly log?: { write(line: string): void }
  readonly quiet?: boolean
}

/**
 * Opens the audit log: each event is one line of JSON in the file, and the same event goes to the operational log, so
 * that a full disk loses no event that somebody collects from there.
 */
export function openAudit(options: AuditOptions): AuditLog {
  mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 })
  const fd = openSync(options.file, 'a', 0o600)
  const log = options.quiet === true ? undefined : createLog(options.log)
  let torn = false
  const append = (line: string): void => {
    const bytes = Buffer.from(torn ? `\n${line}\n` : `${line}\n`)
    torn = writeSync(fd, bytes) !== bytes.length
    if (torn) throw new Error('short write')
  }
  const writeOr = (event: string, detail: AuditDetail, instead: (error: unknown) => void): void => {
    const line = JSON.stringify({ time: options.now().toISOString(), event, ...detail }, plain)
    try {
      append(line)
      log?.info({ event, ...detail })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log?.error({ event, ...detail, auditFailed: reason })
      instead(error)
    }
  }
  return {
    write: (event, detail) => writeOr(event, detail, () => {}),
    insist(event, detail) {
      writeOr(event, detail, (error) => {
        const text = `${event} could not be audited`
        throw new BastionError('ERR_BASTION_CONTROL', text, error)
      })
    },
    close() {
      fsyncSync(fd)
      closeSync(fd)
    },
  }
}

function createLog(destination: AuditOptions['log']): pino.Logger {
  const options: pino.LoggerOptions = { base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return destination === undefined
    ? pino(options, pino.destination({ fd: 2, sync: true }))
    : pino(options, destination)
}

/** Serials are bigints, and an Error would print as {}. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Error) return value.message
  return value
}
