/** A login at a target by which its keys are changed. */
export interface PlaceSession {
  /**
   * Runs a command and returns what it said. Throws PlaceError when the target is lost meanwhile, or says more than
   * it may.
   */
  run(command: string, input: Buffer): Promise<CommandResult>
  /** Opens the sftp subsystem; undefined when the target has none for us. */
  sftp(): Promise<ByteChannel | undefined>
  close(): void
}

export interface CommandResult {
  /** Undefined when it was killed. */
  readonly status: number | undefined
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Both directions of a subsystem. */
export interface ByteChannel {
  write(bytes: Buffer): void
  /** Resolves with the next bytes, and with undefined at the end. */
  read(): Promise<Buffer | undefined>
  close(): void
}
