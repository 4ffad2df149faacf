import { PlaceError, type OpenPlace } from '../place.ts'

/** What a program of the admin's own is told on its standard input, as one line of JSON. */
export interface HookRequest {
  readonly action: 'inspect' | 'add' | 'remove'
  readonly target: string
  readonly address: string
  readonly port: number
  readonly login: string
  /** The key that the action is about, as a public key line. */
  readonly publicKey: string
  /** The key beside which to add, or which must stay. */
  readonly otherKey?: string
}

export interface HookOutcome {
  /** 0 when it is done, or was done before. */
  readonly status: number | undefined
  /** What it says of it, for the admin. */
  readonly said: string
}

/** Runs the program of a place. */
export type RunHook = (request: HookRequest) => Promise<HookOutcome>

/** Returns the place whose keys a program changes: an appliance, or an API. */
export function hookPlace(
  run: RunHook,
  where: Pick<HookRequest, 'target' | 'address' | 'port' | 'login'>,
): OpenPlace {
  const act = async (request: Omit<HookRequest, keyof typeof where>): Promise<void> => {
    const { status, said } = await run({ ...where, ...request })
    if (status === 0) return
    const text = said === '' ? `it ended with ${status ?? 'a signal'}` : said
    throw new PlaceError(
      'unsuitable',
      `the program for its keys could not ${request.action}: ${text}`,
    )
  }
  return {
    async inspect(current) {
      const { status, said } = await run({ ...where, action: 'inspect', publicKey: current })
      const problems = status === 0 ? [] : [said === '' ? 'its program says no' : said]
      return { found: ['by the program of this target'], problems, warnings: [] }
    },
    add: (added, beside) => act({ action: 'add', publicKey: added, otherKey: beside }),
    remove: (removed, keep) => act({ action: 'remove', publicKey: removed, otherKey: keep }),
    close: () => {},
  }
}
