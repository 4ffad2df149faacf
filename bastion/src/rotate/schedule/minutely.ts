const MINUTE = 60 * 1000

/** Has somebody look once a minute. */
export function lookMinutely(
  look: () => void,
  failed: (error: unknown) => void,
): { readonly close: () => void } {
  const timer = setInterval(() => {
    try {
      look()
    } catch (error) {
      failed(error)
    }
  }, MINUTE)
  timer.unref()
  return { close: () => clearInterval(timer) }
}
