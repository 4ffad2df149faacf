import type { RotationsEntry } from './rotation.ts'
import type { VaultEntry } from './vault.ts'

/** The configuration as the bastion uses it: checked, and with every default filled in. */
export interface Config {
  /** The folder of all that the bastion keeps. */
  readonly data: string
  readonly ssh: Listen & {
    /** Host names of the bastion itself; its host certificate is for them. */
    readonly names: readonly string[]
    /** Addresses and blocks that targets see it come from; certificates for targets are bound to them. */
    readonly upstreamAddress?: readonly string[] | undefined
  }
  readonly http: Listen & {
    /** The address by which agents and browsers reach it. */
    readonly url: string
    /** Addresses and blocks of what stands in front, whose X-Forwarded-For is believed. */
    readonly forwardedBy?: readonly string[] | undefined
  }
  readonly vault: VaultEntry
  readonly issuers: readonly IssuerEntry[]
  readonly identities: readonly IdentityEntry[]
  readonly targets: readonly TargetEntry[]
  /** The file with the policy. */
  readonly policy: string
  readonly web?: WebEntry | undefined
  readonly approvals: ApprovalsEntry
  readonly rotation: RotationsEntry
  readonly limits: Limits
  readonly recording: RecordingLimits
}

interface Listen {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
}

/** An issuer of ID tokens; spans are seconds. */
export interface IssuerEntry {
  readonly name: string
  /** The exact `iss` claim. */
  readonly issuer: string
  readonly audience: string
  readonly keys:
    | { readonly discovery: true }
    | { readonly uri: string }
    /** A file with a JSON Web Key Set. */
    | { readonly file: string }
  readonly algorithms: readonly string[]
  readonly maxTokenAge: number
  readonly maxLifetime: number
  readonly clockTolerance: number
  readonly singleUse: boolean
  readonly allowSharedAudience: boolean
  readonly requiredType?: string | undefined
  /** Plain http, for an issuer on loopback only. */
  readonly developmentHttp: boolean
}

type Scalar = string | number | boolean

/** What turns the claims of an issuer's ID token into an identity. */
export interface IdentityEntry {
  readonly id: string
  readonly issuer: string
  readonly match: Readonly<
    Record<string, Scalar | { readonly oneOf: readonly Scalar[] } | { readonly glob: string }>
  >
  readonly name:
    { readonly literal: string } | { readonly claim: string; readonly prefix?: string | undefined }
  readonly groups: readonly string[]
  readonly principals: readonly string[]
  /** Seconds that a certificate lives at most. */
  readonly maxLife: number
  readonly sourceAddress?: readonly string[] | undefined
  /** Claims that the policy may ask for later. */
  readonly carry: readonly string[]
  readonly permits: readonly Permit[]
}

export type Permit = 'pty' | 'port-forwarding' | 'agent-forwarding' | 'X11-forwarding'

/** An account at a target, with a key of the vault or with a certificate of the upstream authority. */
export type LoginEntry =
  | {
      readonly login: string
      readonly key: string
      readonly rotation?: RotationEntry | undefined
    }
  | {
      readonly login: string
      /** The roles that the target lets in as this account. */
      readonly certificate: { readonly principals: readonly string[] }
    }

/** How the key of a login is changed at its target. */
export interface RotationEntry {
  /** `auto` is a POSIX shell, or sftp where there is none. */
  readonly driver: 'auto' | 'shell' | 'sftp'
  /** As in sshd_config, where it is not the usual file. */
  readonly authorizedKeys?: readonly string[] | undefined
  /** A program and its arguments, for what has no such file. */
  readonly hook?: readonly string[] | undefined
  /** Another key of the vault that lets in there, for when the one in use does not any more. */
  readonly recoveryKey?: string | undefined
}

export interface TargetEntry {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly labels: Readonly<Record<string, string>>
  readonly logins: readonly LoginEntry[]
  /** Public key lines that are pinned, beside those of the store; a target that shows another key is refused. */
  readonly hostKeys: readonly string[]
}

/** How reviewers sign in. */
export interface WebEntry {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecretFile: string
  readonly groupsClaim: string
  readonly developmentHttp: boolean
  readonly roles: {
    readonly reviewer: readonly string[]
    readonly approver: readonly string[]
    readonly admin: readonly string[]
  }
  /** Which targets reviewers see; without it, all. Admins see everything. */
  readonly scopes?: readonly ScopeEntry[] | undefined
}

/** Members of one of the groups see the targets that have all of the labels. */
export interface ScopeEntry {
  readonly groups: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

export interface ApprovalsEntry {
  /** Who is told of held commands (Standard Webhooks); the file holds the `whsec_` secret. */
  readonly webhook?: { readonly url: string; readonly secretFile: string } | undefined
}

export interface Limits {
  /** Seconds from accept to authentication. */
  readonly loginGrace: number
  readonly unauthenticated: number
  readonly unauthenticatedPerAddress: number
  readonly authenticationTries: number
  readonly authenticationRequests: number
  /** Channels of one relayed connection. */
  readonly channels: number
  /** Inner connections through one outer one. */
  readonly jumps: number
  /** Seconds. */
  readonly upstreamTimeout: number
  /** Requests for a certificate that are refused, in a minute. */
  readonly exchangeRefusals: number
  /** Those of one address, or of one IPv6 network of 64 bits. */
  readonly exchangeRefusalsPerAddress: number
  /** Requests around signing in to the review app, in a minute. */
  readonly signInRequests: number
  /** Those of one address, or of one IPv6 network of 64 bits. */
  readonly signInRequestsPerAddress: number
  /** Whether a connection ends when the certificate does that it was opened with. */
  readonly endWithCertificate: boolean
}

export interface RecordingLimits {
  /** Bytes kept of a channel's text. */
  readonly textBytes: number
  /** Bytes kept of a channel that is binary. */
  readonly binaryBytes: number
  /** Free bytes on the disk below which no session begins. */
  readonly minimumFreeBytes: number
}
