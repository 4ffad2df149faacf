import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRotationStore } from '@sallyport/keys/rotation'
import type { Vault } from '@sallyport/keys/vault'
import type { Audit } from '../audit/audit.ts'
import { createFreezes } from '../calendar/index.ts'
import type { Config, ScheduleEntry } from '../config/index.ts'
import {
  createRotations,
  lookMinutely,
  verifyNightly,
  type Rotations,
  type Schedule,
} from '../rotate/index.ts'
import type { Target } from '../route/target.ts'
import type { Closers } from './closers.ts'
import type { HostKeys } from './host-keys.ts'
import type { Connect } from './stages.ts'

export interface RotationParts {
  readonly config: Config
  readonly vault: Vault
  readonly targets: readonly Target[]
  readonly hostKeys: Pick<HostKeys, 'trust'>
  readonly connect: Connect
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly closers: Closers
}

/**
 * Opens the rotations, goes on with those that a restart interrupted, begins those that are due once a minute, and has
 * every login looked at once a day.
 */
export async function composeRotations(parts: RotationParts): Promise<Rotations> {
  const { config, vault, targets, hostKeys, connect, audit, now, closers } = parts
  const store = await openRotationStore({ file: join(config.data, 'rotations.json'), now })
  const rotations = createRotations({
    vault,
    store,
    now,
    access: {
      targets,
      connect: (route, version) => connect(route, { version }),
      sleep: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
      barred: (target) => hostKeys.trust(target).barred,
    },
    schedules: config.rotation.schedules.map(scheduleOf),
    freezes: createFreezes(config.rotation.freezes),
    report: (event, detail) => audit.write(event, detail),
  })
  closers.add(() => rotations.close())
  const failed = (error: unknown): void => audit.write('rotation.failed', { error })
  const nightly = verifyNightly(rotations, failed)
  closers.add(() => nightly.close())
  rotations.resumeAll().catch(failed)
  const minutely = lookMinutely(() => rotations.look(), failed)
  closers.add(() => minutely.close())
  return rotations
}

function scheduleOf(entry: ScheduleEntry): Schedule {
  const { name, every, jitter, stopAfter, type, hours, keys, targets, labels } = entry
  return {
    name,
    every: every * 1000,
    jitter: jitter * 1000,
    stopAfter,
    type,
    hours,
    selection: {
      ...(keys === undefined ? {} : { keys }),
      ...(targets === undefined ? {} : { targets }),
      ...(labels === undefined ? {} : { labels }),
    },
  }
}
