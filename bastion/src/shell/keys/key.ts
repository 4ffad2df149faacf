/** Names of keys that arrive as escape sequences and mean something here. */
export type KeyName = 'up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'delete'

export type Key =
  /** One character, not a control. */
  | { readonly kind: 'character'; readonly text: string }
  /** A control by its code, DEL as 127; an LF right behind a CR is not told again. */
  | { readonly kind: 'control'; readonly code: number }
  | { readonly kind: 'named'; readonly name: KeyName }
  /** A whole paste; without text when it was too long or not UTF-8. */
  | { readonly kind: 'paste'; readonly text: string | undefined }
  /** Bytes that are not UTF-8. */
  | { readonly kind: 'malformed' }

export const control = {
  a: 0x01,
  b: 0x02,
  c: 0x03,
  d: 0x04,
  e: 0x05,
  f: 0x06,
  h: 0x08,
  tab: 0x09,
  lf: 0x0a,
  k: 0x0b,
  l: 0x0c,
  cr: 0x0d,
  n: 0x0e,
  p: 0x10,
  u: 0x15,
  w: 0x17,
  y: 0x19,
  cancel: 0x18,
  substitute: 0x1a,
  escape: 0x1b,
  backslash: 0x1c,
  del: 0x7f,
} as const
