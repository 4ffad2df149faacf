import type { DecisionQuestion } from '../decide/index.ts'

/** Something that the target listens on for this agent. */
export type RemoteForward =
  | {
      readonly kind: 'tcp'
      readonly host: string
      /** Where the target listens; the question may have asked for port 0, any free one. */
      readonly port: number
      readonly question: DecisionQuestion
    }
  | { readonly kind: 'path'; readonly path: string; readonly question: DecisionQuestion }

/**
 * What this connection's agent was allowed to have forwarded back to it. A target may open a channel to the agent only
 * for something in here.
 */
export class Forwards {
  agent = false
  x11 = false
  readonly #tcp = new Map<string, RemoteForward>()
  readonly #paths = new Map<string, RemoteForward>()

  addTcp(host: string, port: number, asked: number = port): void {
    const question: DecisionQuestion = { kind: 'tcpip-forward', host, port: asked }
    this.#tcp.set(key(host, port), { kind: 'tcp', host, port, question })
  }

  removeTcp(host: string, port: number): boolean {
    return this.#tcp.delete(key(host, port))
  }

  tcp(host: string, port: number): RemoteForward | undefined {
    return this.#tcp.get(key(host, port))
  }

  addPath(path: string): void {
    this.#paths.set(path, { kind: 'path', path, question: { kind: 'streamlocal-forward', path } })
  }

  removePath(path: string): boolean {
    return this.#paths.delete(path)
  }

  path(path: string): RemoteForward | undefined {
    return this.#paths.get(path)
  }

  /** Removes and returns those that are no longer allowed. */
  withdraw(allowed: (question: DecisionQuestion) => boolean): readonly RemoteForward[] {
    const withdrawn: RemoteForward[] = []
    for (const forwards of [this.#tcp, this.#paths]) {
      for (const [name, forward] of forwards) {
        if (allowed(forward.question)) continue
        forwards.delete(name)
        withdrawn.push(forward)
      }
    }
    return withdrawn
  }
}

/** A server names the bound address as it was asked for (RFC 4254 section 7.2). */
function key(host: string, port: number): string {
  return `${host.length}:${host}:${port}`
}
