import type { Request } from 'express'

/** By which the command line says whose account it was started from. */
export const ACCOUNT_HEADER = 'sallyport-account'

const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/

/**
 * Returns who is at the control socket. Node cannot ask the kernel for the peer's account; who can open the socket is
 * the bastion's own account or root, and a name that comes along is only what the caller says.
 */
export function claimantOf(request: Request): string {
  const account = accountOf(request)
  return account === undefined
    ? 'control socket'
    : `control socket, says it is ${account} (not verified)`
}

/** Returns the account that the caller says to be, undefined without one. */
export function accountOf(request: Request): string | undefined {
  const account = request.get(ACCOUNT_HEADER) ?? ''
  return ACCOUNT.test(account) ? account : undefined
}
