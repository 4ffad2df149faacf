/** What is asked of a bastion: over its control socket, or of its files when none runs. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Answers a call, or has nothing to do with its path; `by` is who asks. */
export type AnswerCall = (by: string, call: Call) => Promise<Answer | undefined>
