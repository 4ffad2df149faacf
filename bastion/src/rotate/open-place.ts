import {
  filePlace,
  hasShell,
  hookPlace,
  PlaceError,
  sftpFiles,
  shellFiles,
  type KeyPlace,
  type OpenPlace,
  type PlaceSession,
} from '@sallyport/keys/rotation'
import { openSubsystem, runAtUpstream } from '../errand/index.ts'
import type { Route, RotationSettings, Target } from '../route/target.ts'
import { UpstreamError } from '../route/upstream-error.ts'
import type { Transport } from '../ssh/transport.ts'
import { runHook } from './hook.ts'
import { routeTo } from './places.ts'

/** Milliseconds for one command at a target. */
const TIMEOUT = 20_000
const MAX_OUTPUT = 4 << 20
/** Times that a target is tried that cannot be reached, and milliseconds between them. */
const TRIES = 2
const PAUSE = 1000

export interface PlaceAccess {
  readonly targets: readonly Target[]
  /** Logs in with a version of the key of a login. */
  readonly connect: (route: Route, version: number) => Promise<Transport>
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Returns why a target must not be worked at whose host key is not the pinned one. */
  readonly barred?: ((target: Target) => string | undefined) | undefined
}

/** Returns the sentence about a target that must not be worked at; undefined for one that may. */
export function barredAt({ targets, barred }: PlaceAccess, place: KeyPlace): string | undefined {
  const target = routeTo(targets, place)?.target
  const why = target === undefined ? undefined : barred?.(target)
  return why === undefined ? undefined : `target ${place.target} is in quarantine: ${why}`
}

/** Logs in at a place with a version of its key, to look at its keys or to change them. Throws PlaceError. */
export function openPlace(
  access: PlaceAccess,
  place: KeyPlace,
  version: number,
): Promise<OpenPlace> {
  return openRoute(access, routeOf(access, place), version)
}

/** The same with another key of the vault. */
export function openPlaceWith(
  access: PlaceAccess,
  place: KeyPlace,
  key: string,
  version: number,
): Promise<OpenPlace> {
  const { target, login } = routeOf(access, place)
  return openRoute(access, { target, login: { ...login, key } }, version)
}

async function openRoute(access: PlaceAccess, route: Route, version: number): Promise<OpenPlace> {
  const { target, login } = route
  const settings: RotationSettings = ('key' in login ? login.rotation : undefined) ?? {
    driver: 'auto',
  }
  if (settings.hook !== undefined) {
    const { name, address, port } = target
    const where = { target: name, address, port, login: login.login }
    return hookPlace(runHook(settings.hook), where)
  }
  const transport = await connect(access, route, version)
  const session = sessionOf(transport)
  try {
    return await openFiles(session, settings)
  } catch (error) {
    session.close()
    throw error
  }
}

/** Logs in as a session of an agent does, and leaves. Throws PlaceError when the target gave neither answer. */
export async function tryLogin(
  access: PlaceAccess,
  place: KeyPlace,
  version: number,
): Promise<'accepted' | 'refused'> {
  const route = routeOf(access, place)
  try {
    const transport = await connect(access, route, version)
    transport.close('a look')
    return 'accepted'
  } catch (error) {
    if (error instanceof PlaceError && error.kind === 'refused') return 'refused'
    throw error
  }
}

function routeOf({ targets }: PlaceAccess, place: KeyPlace): Route {
  const route = routeTo(targets, place)
  if (route !== undefined) return route
  throw new PlaceError('unsuitable', 'the configuration has no such login any more')
}

async function connect(access: PlaceAccess, route: Route, version: number): Promise<Transport> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await access.connect(route, version)
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      const { failure, message } = error
      if (failure !== 'unreachable' || tries === TRIES)
        throw new PlaceError(failure, message, { cause: error })
      await access.sleep(PAUSE)
    }
  }
}

async function openFiles(session: PlaceSession, settings: RotationSettings): Promise<OpenPlace> {
  const { driver, authorizedKeys } = settings
  const close = (): void => session.close()
  if (driver !== 'sftp' && (await hasShell(session)))
    return filePlace(shellFiles(session, authorizedKeys), close)
  if (driver === 'shell') throw new PlaceError('unsuitable', 'no POSIX shell answers there')
  const channel = await session.sftp()
  const files = channel === undefined ? undefined : await sftpFiles(channel, authorizedKeys)
  if (files !== undefined) return filePlace(files, close)
  throw new PlaceError('unsuitable', 'neither a POSIX shell nor sftp answers there')
}

function sessionOf(transport: Transport): PlaceSession {
  return {
    async run(command, input) {
      try {
        const options = { input, timeout: TIMEOUT, maxOutput: MAX_OUTPUT }
        return await runAtUpstream(transport, command, options)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new PlaceError('unreachable', reason, { cause: error })
      }
    },
    sftp: () => Promise.resolve(openSubsystem(transport, 'sftp', TIMEOUT)),
    close: () => transport.close('done'),
  }
}
