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
  | { readonly kind: 'agent' }
  | { readonly kind: 'x11' }
  | { readonly kind: 'env'; readonly name: string; readonly value: string }

export type DecisionRequest = DecisionScope & DecisionQuestion
