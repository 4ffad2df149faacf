import type { IdentityRule, IssuerConfig, KeySetSource } from '@sallyport/keys/identity'
import { readFile } from 'node:fs/promises'
import type { Config, IdentityEntry, IssuerEntry } from './config.ts'

/** Returns the issuers as the verifier takes them; key files are read now. */
export function issuersOf(config: Config): Promise<IssuerConfig[]> {
  return Promise.all(config.issuers.map(issuerOf))
}

async function issuerOf(entry: IssuerEntry): Promise<IssuerConfig> {
  const { name, issuer, audience, algorithms, maxTokenAge, maxLifetime, clockTolerance } = entry
  return {
    name,
    issuer,
    audience,
    algorithms,
    maxTokenAge,
    maxLifetime,
    clockTolerance,
    jwks: await keySource(entry),
    singleUse: entry.singleUse,
    allowSharedAudience: entry.allowSharedAudience,
    allowInsecureHttp: entry.developmentHttp,
    ...(entry.requiredType === undefined ? {} : { requiredType: entry.requiredType }),
  }
}

async function keySource({ keys }: IssuerEntry): Promise<KeySetSource> {
  if ('discovery' in keys) return { kind: 'discovery' }
  if ('uri' in keys) return { kind: 'uri', uri: keys.uri }
  const set: unknown = JSON.parse(await readFile(keys.file, 'utf8'))
  const list = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined
  if (!Array.isArray(list)) throw new TypeError(`${keys.file} is not a JSON Web Key Set`)
  return { kind: 'static', keys: list }
}

export function rulesOf(config: Config): IdentityRule[] {
  return config.identities.map(ruleOf)
}

function ruleOf(entry: IdentityEntry): IdentityRule {
  const { id, issuer, match, groups, principals, maxLife, sourceAddress, carry } = entry
  const name =
    'literal' in entry.name
      ? entry.name
      : {
          claim: entry.name.claim,
          ...(entry.name.prefix === undefined ? {} : { prefix: entry.name.prefix }),
        }
  return {
    id,
    issuer,
    match,
    name,
    groups,
    principals,
    maxLife,
    carry,
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
  }
}
