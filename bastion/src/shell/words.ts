// Whatever could move a cursor or hide text.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Returns one line of ours, with our name before it and without an end. */
export function sayRefusal(reason: string): string {
  return `sallyport: ${reason.replaceAll(unseen, '?')}`
}
