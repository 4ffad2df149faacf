import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseDocument, LineCounter, type Document } from 'yaml'
import { z } from 'zod'
import { BastionError } from '../errors.ts'
import type { Config } from './config.ts'
import { rotationProblems } from './rotation.ts'
import { configSchema } from './schema.ts'
import { vaultFrom, vaultSchema, type VaultEntry } from './vault.ts'

/**
 * Reads and checks the configuration file. Relative paths in it are taken from the file's own folder. Throws
 * ERR_BASTION_CONFIG that lists every problem with its line and dotted path.
 */
export async function loadConfig(file: string): Promise<Config> {
  const config = parseConfig(await readText(file), file)
  const base = dirname(resolve(file))
  const from = (path: string): string => resolve(base, path)
  return {
    ...config,
    data: from(config.data),
    policy: from(config.policy),
    vault: vaultFrom(config.vault, from),
    issuers: config.issuers.map((issuer) =>
      'file' in issuer.keys ? { ...issuer, keys: { file: from(issuer.keys.file) } } : issuer,
    ),
    ...(config.web === undefined
      ? {}
      : { web: { ...config.web, clientSecretFile: from(config.web.clientSecretFile) } }),
    ...(config.approvals.webhook === undefined
      ? {}
      : {
          approvals: {
            webhook: {
              ...config.approvals.webhook,
              secretFile: from(config.approvals.webhook.secretFile),
            },
          },
        }),
  }
}

/**
 * Reads a file that holds a `vault` entry alone, as it is to stand in the configuration file. Throws as
 * `loadConfig` does.
 */
export async function loadVaultEntry(file: string): Promise<VaultEntry> {
  const schema = z.strictObject({ vault: vaultSchema })
  const { vault } = parseWith(schema, await readText(file), file, () => [])
  const base = dirname(resolve(file))
  return vaultFrom(vault, (path) => resolve(base, path))
}

/** Checks the text of a configuration; `file` is its name in messages. */
export function parseConfig(text: string, file: string): Config {
  return parseWith(configSchema, text, file, contradictions)
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new BastionError(
      'ERR_BASTION_CONFIG',
      `${file} cannot be read: ${messageOf(error)}`,
      error,
    )
  }
}

function parseWith<T>(
  schema: z.ZodType<T>,
  text: string,
  file: string,
  contradicting: (value: T) => readonly string[],
): T {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  })
  const problems = document.errors.map((error) => {
    return `line ${lines.linePos(error.pos[0]).line}: ${error.message}`
  })
  if (problems.length === 0) {
    const result = schema.safeParse(document.toJS())
    if (result.success) {
      problems.push(...contradicting(result.data))
      if (problems.length === 0) return result.data
    } else {
      for (const issue of result.error.issues) {
        const line = lineOf(document, issue.path, lines)
        problems.push(`line ${line}: ${issue.path.join('.') || '(top)'}: ${issue.message}`)
      }
    }
  }
  throw new BastionError('ERR_BASTION_CONFIG', `${file} is not valid:\n  ${problems.join('\n  ')}`)
}

/** What no single field shows. */
function contradictions(config: Config): string[] {
  const problems: string[] = []
  const twice = (what: string, names: readonly string[]): void => {
    for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) {
      problems.push(`${what}: ${name} stands twice`)
    }
  }
  twice(
    'targets',
    config.targets.map((target) => target.name),
  )
  for (const { name, logins } of config.targets) {
    twice(
      `targets.${name}.logins`,
      logins.map(({ login }) => login),
    )
  }
  twice(
    'identities',
    config.identities.map((identity) => identity.id),
  )
  twice(
    'issuers',
    config.issuers.map((issuer) => issuer.name),
  )
  const { schedules, freezes } = config.rotation
  twice(
    'rotation.schedules',
    schedules.map((schedule) => schedule.name),
  )
  twice(
    'rotation.freezes',
    freezes.map((freeze) => freeze.name),
  )
  problems.push(...rotationProblems(config))
  const issuers = new Set(config.issuers.map((issuer) => issuer.name))
  for (const { id, issuer } of config.identities) {
    if (!issuers.has(issuer)) problems.push(`identities.${id}: there is no issuer named ${issuer}`)
  }
  return problems
}

function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (hasRange(node)) return lines.linePos(node.range[0]).line
  }
  return 1
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
