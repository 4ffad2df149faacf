export interface QuickstartOptions {
  readonly data: string
  readonly sshPort: number
  readonly httpPort: number
  readonly once: boolean
}

/** Runs the quickstart until its tour ends (`once`) or SIGINT or SIGTERM; returns the exit code. */
export async function quickstart(
  options: QuickstartOptions,
  say: (text: string) => void,
): Promise<number> {
  // Loaded here alone: a bastion in earnest has no use for a development identity provider.
  const { runQuickstart } = await import('../quickstart/index.ts')
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  process.once('SIGINT', abort)
  process.once('SIGTERM', abort)
  try {
    return await runQuickstart({ ...options, stdout: say, signal: stop.signal })
  } finally {
    process.off('SIGINT', abort)
    process.off('SIGTERM', abort)
  }
}
