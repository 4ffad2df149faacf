/** Every way in which the bastion's own code can fail, apart from expected refusals, which are values. */
export type BastionErrorCode =
  | 'ERR_BASTION_CONFIG'
  | 'ERR_BASTION_PROTOCOL'
  | 'ERR_BASTION_TRANSPORT'
  | 'ERR_BASTION_UPSTREAM'
  | 'ERR_BASTION_RECORDING'
  | 'ERR_BASTION_APPROVALS'
  | 'ERR_BASTION_QUICKSTART'
  | 'ERR_BASTION_CONTROL'

export class BastionError extends Error {
  readonly code: BastionErrorCode

  constructor(code: BastionErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'BastionError'
    this.code = code
  }
}
