import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openAudit } from '../audit/index.ts'
import { openHostKeys } from '../compose/host-keys.ts'
import type { Config } from '../config/index.ts'
import type { Answer, Call } from '../control/call.ts'
import { scanHostKeys } from '../route/scan-host-keys.ts'
import { cryptoReady } from '../ssh/internals.ts'
import { answerTargetCall, createTargetDesk } from '../targets/index.ts'

/** The same desk as in a bastion, for one call; the lock keeps a bastion out that starts in the meantime. */
export async function answerOnFiles(
  config: Config,
  account: string | undefined,
  call: Call,
): Promise<Answer> {
  const { data, targets, limits } = config
  await mkdir(data, { recursive: true, mode: 0o700 })
  await cryptoReady
  const store = await openHostKeys(config, Date.now)
  const file = join(data, 'audit.ndjson')
  const audit = openAudit({ file, now: () => new Date(), quiet: true })
  try {
    const desk = createTargetDesk({
      targets,
      store,
      audit,
      scanHostKeys: (target) => scanHostKeys({ target, timeout: limits.upstreamTimeout * 1000 }),
    })
    const by = account === undefined ? 'command line' : `command line, as ${account}`
    const answer = await answerTargetCall(desk, by, call)
    return answer ?? { status: 404, body: { error: 'no such path' } }
  } finally {
    await store.close()
    audit.close()
  }
}
