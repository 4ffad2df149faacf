/** One file in which sshd looks for the keys of an account. */
export interface KeysFile {
  readonly path: string
  readonly bytes: Buffer
  /** Whether we could put another file in its place. */
  readonly writable: boolean
}

/** The files with the keys of the account that is logged in. */
export interface AccountFiles {
  /** Returns those that there are. Throws PlaceError. */
  read(): Promise<readonly KeysFile[]>
  /** Puts other bytes in the place of those that were read; `changed` when the file holds others by now. */
  replace(file: KeysFile, bytes: Buffer): Promise<'replaced' | 'changed'>
}
