import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePublicKey } from '@sallyport/keys/publickey'
import type { PublicKey } from '@sallyport/keys/publickey'
import { createWriter } from '@sallyport/keys/wire'

/** A folder of its own under the system's temporary one. The test removes it in `after`. */
export interface Scratch {
  readonly folder: string
  remove(): void
}

export function createScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs ssh-keygen and returns what it printed; throws when it fails. */
export function sshKeygen(args: readonly string[], input?: string): string {
  const options = input === undefined ? {} : { input }
  return execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: 'pipe', ...options })
}

/** Makes a key pair as files and returns the path of the private one, beside which NAME.pub lies. */
export function keygenPair(folder: string, name: string, type: string, bits?: number): string {
  const file = join(folder, name)
  const size = bits === undefined ? [] : ['-b', String(bits)]
  sshKeygen(['-q', '-t', type, ...size, '-N', '', '-C', `${name} comment`, '-f', file])
  return file
}

export function publicLine(file: string): string {
  return readFileSync(`${file}.pub`, 'utf8')
}

/** Private keys of every plain type, by the name of the type and, for RSA, its size. */
export function privateKeys(): Readonly<Record<string, KeyObject>> {
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey
  const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey
  return {
    ed25519: generateKeyPairSync('ed25519').privateKey,
    p256: ec('P-256'),
    p384: ec('P-384'),
    p521: ec('P-521'),
    rsa3072: rsa(3072),
  }
}

/** A security key in software: what the hardware does, with the private key in our hands. */
export interface SecurityKey {
  readonly publicKey: PublicKey
  readonly privateKey: KeyObject
  readonly application: string
}

export function createSecurityKey(kind: 'ed25519' | 'ecdsa', application = 'ssh:'): SecurityKey {
  const pair =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = pair.publicKey.export({ format: 'jwk' })
  const x = Buffer.from(jwk.x ?? '', 'base64url')
  const y = Buffer.from(jwk.y ?? '', 'base64url')
  const writer = createWriter()
  if (kind === 'ed25519') writer.string('sk-ssh-ed25519@openssh.com').string(x)
  else {
    const point = Buffer.concat([Buffer.of(4), x, y])
    writer.string('sk-ecdsa-sha2-nistp256@openssh.com').string('nistp256').string(point)
  }
  const blob = writer.string(application).bytes()
  return { publicKey: parsePublicKey(blob), privateKey: pair.privateKey, application }
}
