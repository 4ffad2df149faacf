import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeIdentity, type Identity } from '@sallyport/keys/identity'
import { publicKeyFrom, signData } from '@sallyport/keys/publickey'
import { createReader, createWriter } from '@sallyport/keys/wire'
import { USER_AUTHORITY, type Bed } from './bed.ts'

/** The fields of a user certificate as a test wants them, proper or not. */
export interface CertificateFields {
  readonly subject: KeyObject
  /** Who signs; the bastion's own user authority unless told. */
  readonly authority?: KeyObject
  readonly type?: 'user' | 'host'
  readonly principals?: readonly string[]
  /** Seconds from now. */
  readonly validAfter?: number
  readonly validBefore?: number
  readonly criticalOptions?: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, string>>
  readonly identity?: Partial<Identity>
  readonly withoutIdentity?: boolean
}

export interface Mint {
  /** Returns the blob of a certificate with a good signature. */
  certificate(fields: CertificateFields): Buffer
}

/** Returns what signs with the key of a bed's user authority: certificates that its exchange never would issue. */
export async function openMint(bed: Bed): Promise<Mint> {
  const own = createPrivateKey(await readFile(join(bed.folder, USER_AUTHORITY)))
  const { login } = bed.sshd
  return {
    certificate(fields) {
      const authority = fields.authority ?? own
      const key = createReader(publicKeyFrom(fields.subject).blob)
      const type = key.text()
      const now = Math.floor(Date.now() / 1000)
      const identity = encodeIdentity({
        name: 'ci/acme/shop',
        issuer: 'ci',
        subject: 'acme/shop',
        rule: 'agent',
        groups: ['ci'],
        principals: [login],
        claims: {},
        maxLife: 300,
        ...fields.identity,
      })
      const extensions = fields.extensions ?? { 'permit-port-forwarding': '', 'permit-pty': '' }
      const carried = fields.withoutIdentity === true ? {} : { 'identity@sallyport': identity }
      const signedBytes = createWriter()
        .string(`${type}-cert-v01@openssh.com`)
        .string(Buffer.alloc(32, 7))
        .raw(key.rest())
        .u64(1n)
        .u32(fields.type === 'host' ? 2 : 1)
        .string('forged')
        .string(list(fields.principals ?? [login]))
        .u64(BigInt(now + (fields.validAfter ?? -60)))
        .u64(BigInt(now + (fields.validBefore ?? 300)))
        .string(options(fields.criticalOptions ?? {}))
        .string(options({ ...extensions, ...carried }))
        .string('')
        .string(publicKeyFrom(authority).blob)
        .bytes()
      return createWriter().raw(signedBytes).string(signData(authority, signedBytes)).bytes()
    },
  }
}

export function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

function list(values: readonly string[]): Buffer {
  const writer = createWriter()
  for (const value of values) writer.string(value)
  return writer.bytes()
}

/** PROTOCOL.certkeys: name and data in lexical order, the data of a flag empty, else one string. */
function options(named: Readonly<Record<string, string>>): Buffer {
  const writer = createWriter()
  for (const name of Object.keys(named).toSorted()) {
    const value = named[name] ?? ''
    writer.string(name).string(value === '' ? '' : list([value]))
  }
  return writer.bytes()
}
