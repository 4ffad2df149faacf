/**
 * What this connection's agent was allowed to have forwarded back to it. A target may open a channel to the agent only
 * for something in here.
 */
export class Forwards {
  agent = false
  x11 = false
  readonly #tcp = new Set<string>()
  readonly #paths = new Set<string>()

  addTcp(host: string, port: number): void {
    this.#tcp.add(key(host, port))
  }

  removeTcp(host: string, port: number): boolean {
    return this.#tcp.delete(key(host, port))
  }

  hasTcp(host: string, port: number): boolean {
    return this.#tcp.has(key(host, port))
  }

  addPath(path: string): void {
    this.#paths.add(path)
  }

  removePath(path: string): boolean {
    return this.#paths.delete(path)
  }

  hasPath(path: string): boolean {
    return this.#paths.has(path)
  }
}

/** A server names the bound address as it was asked for (RFC 4254 section 7.2). */
function key(host: string, port: number): string {
  return `${host.length}:${host}:${port}`
}
