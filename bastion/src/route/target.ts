import { printable } from '../words.ts'

/** How the bastion logs in at a target as one of its accounts. */
export type TargetLogin = KeyLogin | CertificateLogin

export interface KeyLogin {
  readonly login: string
  /** The vault's name for the key. */
  readonly key: string
  readonly rotation?: RotationSettings | undefined
}

/** How the key of a login is changed at its target. */
export interface RotationSettings {
  readonly driver: 'auto' | 'shell' | 'sftp'
  /** As in sshd_config, where it is not the usual file. */
  readonly authorizedKeys?: readonly string[] | undefined
  /** A program and its arguments, for what has no such file. */
  readonly hook?: readonly string[] | undefined
  /** Another key of the vault that lets in there, for when the one in use does not any more. */
  readonly recoveryKey?: string | undefined
}

/** A key that lives for one login, certified by the upstream authority. */
export interface CertificateLogin {
  readonly login: string
  readonly certificate: {
    /** The roles that the target lets in as this account. */
    readonly principals: readonly string[]
  }
}

/** A named upstream host. Agents know it by name alone; where it is stays the bastion's business. */
export interface Target {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly labels: Readonly<Record<string, string>>
  readonly logins: readonly TargetLogin[]
}

export interface Route {
  readonly target: Target
  readonly login: TargetLogin
}

export type RouteVerdict =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'refused'; readonly message: string }

export type LoginVerdict =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'refused'; readonly message: string }

export interface Targets {
  byName(name: string, port?: number): RouteVerdict
}

/** Returns the look-up of targets by name; names are compared in lower case, as ssh does. */
export function createTargets(targets: readonly Target[]): Targets {
  const names = new Map(targets.map((target) => [target.name.toLowerCase(), target]))
  return {
    byName(name, port) {
      const target = names.get(name.toLowerCase())
      if (target === undefined) {
        return { kind: 'refused', message: `there is no target named ${printable(name)}` }
      }
      if (port !== undefined && port !== 22 && port !== target.port) {
        return { kind: 'refused', message: `target ${target.name} is not reached on port ${port}` }
      }
      return { kind: 'target', target }
    },
  }
}

export function chooseLogin(target: Target, login: string): LoginVerdict {
  const found = target.logins.find((candidate) => candidate.login === login)
  if (found !== undefined) return { kind: 'route', route: { target, login: found } }
  return { kind: 'refused', message: `target ${target.name} has no login ${printable(login)}` }
}

/** `deploy%web-1` is a direct login; without `%` the user name is a login alone. */
export function parseDirectLogin(
  username: string,
): { readonly login: string; readonly target: string } | undefined {
  const at = username.lastIndexOf('%')
  if (at < 0) return undefined
  return { login: username.slice(0, at), target: username.slice(at + 1) }
}
