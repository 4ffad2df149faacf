import { join } from 'node:path'
import type { BedOptions } from './bed.ts'
import type { TestIssuer } from './issuer.ts'
import type { Sshd } from './sshd.ts'

/** A policy for tests of the relay: everything that is asked for is allowed, commands unjudged. */
export const OPEN_POLICY = `
version: 1
rules:
  - id: anything
    effect: allow
    unresolved: allow
  - id: shell
    effect: allow
    shell: { pty: any, mode: observed }
  - id: subsystems
    effect: allow
    subsystem: [sftp, nope]
  - id: forwards
    effect: allow
    forward:
      local: [{ host: '127.0.0.1', ports: any }]
      remote: [{ host: '127.0.0.1', ports: [0, [1, 65535]] }]
      streamlocal: ['/**']
      remote_streamlocal: ['/**']
  - id: agent
    effect: allow
    agent: true
  - id: variables
    effect: allow
    env: { FOO_X: { any: true }, ZED: { any: true } }
`

export interface BedConfig {
  readonly data: string
  readonly sshPort: number
  readonly httpPort: number
  readonly httpUrl: string
  readonly kek: string
  readonly issuer: TestIssuer
  readonly folder: string
  readonly sshd: Sshd
  readonly options: BedOptions
}

/** The configuration of a bed's bastion: targets `web`, `other`, one that lies about its host key, one that is gone. */
export function bedConfig(bed: BedConfig): string {
  const { data, sshPort, httpPort, httpUrl, kek, issuer, folder, sshd, options } = bed
  const { login } = sshd
  return `
data: ${data}
ssh: { port: ${sshPort}, names: [bastion] }
http: { port: ${httpPort}, url: ${httpUrl} }
vault: { keyFile: ${kek} }
policy: policy.yaml
issuers:
  - name: ci
    issuer: ${issuer.url}
    audience: ${issuer.audience}
    keys: { file: ${join(folder, 'jwks.json')} }
    algorithms: [ES256]
identities:
  - id: agent
    issuer: ci
    match: { kind: agent }
    name: { claim: sub, prefix: 'ci/' }
    groups: [ci]
    principals: [${login}, nobody]
    maxLife: 1800
    carry: [repository]
    permits: [pty, port-forwarding, agent-forwarding]
  - id: bare
    issuer: ci
    match: { kind: bare }
    name: { claim: sub, prefix: 'bare/' }
    principals: [${login}]
    permits: []
targets:
  - name: web
    address: 127.0.0.1
    port: ${sshd.port}
    labels: { env: test }
    logins: [{ login: ${login}, key: web }]
    hostKeys: ['${sshd.hostKeyLine}']
  - name: liar
    address: 127.0.0.1
    port: ${sshd.port}
    logins: [{ login: ${login}, key: web }]
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWaFqbdtyDyxV0j1kmfkeH9FgcdOGnFLcpDrm7mqbtm']
  - name: other
    address: 127.0.0.1
    port: ${options.other?.port ?? 1}
    logins: [{ login: ${login}, key: web }]
    hostKeys: ['${options.other?.hostKeyLine ?? sshd.hostKeyLine}']
  - name: gone
    address: 127.0.0.1
    port: 1
    logins: [{ login: ${login}, key: web }]
    hostKeys: ['${sshd.hostKeyLine}']
${typeof options.config === 'function' ? options.config(sshd) : (options.config ?? '')}
`
}
