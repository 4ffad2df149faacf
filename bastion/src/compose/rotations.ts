import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRotationStore } from '@sallyport/keys/rotation'
import type { Vault } from '@sallyport/keys/vault'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/config.ts'
import { createRotations, verifyNightly, type Rotations } from '../rotate/index.ts'
import type { Target } from '../route/target.ts'
import type { Closers } from './closers.ts'
import type { Connect } from './stages.ts'

export interface RotationParts {
  readonly config: Config
  readonly vault: Vault
  readonly targets: readonly Target[]
  readonly connect: Connect
  readonly audit: Audit
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly closers: Closers
}

/** Opens the rotations, goes on with those that a restart interrupted, and has every login looked at once a day. */
export async function composeRotations(parts: RotationParts): Promise<Rotations> {
  const { config, vault, targets, connect, audit, now, closers } = parts
  const store = await openRotationStore({ file: join(config.data, 'rotations.json'), now })
  const rotations = createRotations({
    vault,
    store,
    now,
    access: {
      targets,
      connect: (route, version) => connect(route, { version }),
      sleep: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
    },
    report: (event, detail) => audit.write(event, detail),
  })
  closers.add(() => rotations.close())
  const nightly = verifyNightly(rotations, (error) => audit.write('rotation.failed', { error }))
  closers.add(() => nightly.close())
  rotations.resumeAll().catch((error: unknown) => audit.write('rotation.failed', { error }))
  return rotations
}
