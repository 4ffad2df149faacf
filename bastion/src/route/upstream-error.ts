import { BastionError } from '../errors.ts'

/**
 * Why a target could not be logged in to. `refused`: it took the connection and not the key. `untrusted`: its host key
 * is not one that is pinned. `unreachable`: all else.
 */
export type UpstreamFailure = 'refused' | 'untrusted' | 'unreachable'

/** A sentence that may be shown to the agent: it names the target, never its address. */
export class UpstreamError extends BastionError {
  readonly failure: UpstreamFailure

  constructor(failure: UpstreamFailure, message: string, cause?: unknown) {
    super('ERR_BASTION_UPSTREAM', message, cause)
    this.failure = failure
  }
}
