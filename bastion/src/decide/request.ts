/** Who asks: the verified identity of the connection, never unverified claims. */
export interface DecisionIdentity {
  readonly name: string
  readonly groups: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly issuer: string
  readonly subject: string
}

/** Where to: the upstream host by its name in the configuration. */
export interface DecisionTarget {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** What every question has in common. */
export interface DecisionScope {
  readonly identity: DecisionIdentity
  readonly target: DecisionTarget
  /** The upstream account. */
  readonly login: string
  /** When, in milliseconds since 1970; rules about time fail closed where it is not known. */
  readonly at?: number | undefined
}

/** How files are reached: a packet of the sftp subsystem, or a command that a transfer program runs. */
export type FileVia = 'sftp' | 'scp' | 'rsync'

/** One thing that would be done to a file or folder of the target. */
export interface FileOperation {
  readonly op:
    | 'stat'
    | 'list'
    | 'readlink'
    | 'read'
    | 'write'
    | 'mkdir'
    | 'rename'
    | 'remove'
    | 'rmdir'
    | 'setstat'
    | 'symlink'
    | 'hardlink'
  /** Absolute, without `.`, `..` and repeated slashes; a rename's source, a link's own place. */
  readonly path: string
  /** A rename's or hard link's other path; what a symbolic link says, as it says it. */
  readonly to?: string
  /** Permission bits that are asked for. */
  readonly mode?: number
  /** True when everything below the path is meant as well. */
  readonly subtree?: boolean
}

/** What is asked for: one channel, channelRequest or global request. */
export type DecisionQuestion =
  | { readonly kind: 'exec'; readonly command: Buffer }
  | { readonly kind: 'shell'; readonly pty: boolean }
  | { readonly kind: 'subsystem'; readonly name: string }
  | { readonly kind: 'direct-tcpip'; readonly host: string; readonly port: number }
  | { readonly kind: 'tcpip-forward'; readonly host: string; readonly port: number }
  | { readonly kind: 'direct-streamlocal'; readonly path: string }
  | { readonly kind: 'streamlocal-forward'; readonly path: string }
  | { readonly kind: 'file'; readonly via: FileVia; readonly operation: FileOperation }
  | { readonly kind: 'agent' }
  | { readonly kind: 'x11' }
  | { readonly kind: 'env'; readonly name: string; readonly value: string }

export type DecisionRequest = DecisionScope & DecisionQuestion
