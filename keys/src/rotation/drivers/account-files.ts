/** One file in which sshd looks for the keys of an account. */
export interface KeysFile {
  readonly path: string
  readonly bytes: Buffer
  /** Whether we could put another file in its place. */
  readonly writable: boolean
}

/** A program at the target that may write the files with keys too, or something else that lets keys in. */
export interface Rival {
  readonly kind: 'program' | 'command'
  /** Where it lies, or what sshd runs. */
  readonly text: string
}

/** The files with the keys of the account that is logged in. */
export interface AccountFiles {
  /** Returns those that there are. Throws PlaceError. */
  read(): Promise<readonly KeysFile[]>
  /** Returns what else may change who is let in, as far as this account can see. Throws PlaceError. */
  rivals(): Promise<readonly Rival[]>
  /** Puts other bytes in the place of those that were read; `changed` when the file holds others by now. */
  replace(file: KeysFile, bytes: Buffer): Promise<'replaced' | 'changed'>
}
