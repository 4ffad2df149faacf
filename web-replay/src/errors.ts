/** Every code that this workspace throws. */
export type ReviewErrorCode =
  'ERR_REVIEW_PROVIDER_UNREACHABLE' | 'ERR_REVIEW_AUDIT_FAILED' | 'ERR_REVIEW_ASSET_MISSING'

/** A broken world around the review app; expected refusals are values and never arrive here. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError'
  readonly code: ReviewErrorCode

  constructor(code: ReviewErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}
