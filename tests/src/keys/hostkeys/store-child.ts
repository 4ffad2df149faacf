// Approves ever new keys of web-1 in the store argv[2], naming each that is approved, until it is killed.
import { openHostKeyStore } from '@sallyport/keys/hostkeys'
import { fingerprint } from '@sallyport/keys/publickey'
import { hostKeys } from './keys.ts'

const store = await openHostKeyStore({
  file: process.argv[2] ?? '',
  configured: new Map(),
  now: Date.now,
})
for (let round = 1; ; round += 1) {
  const keys = hostKeys(1)
  const [name = ''] = keys.map(({ blob }) => fingerprint(blob))
  await store.addCandidates('web-1', keys, 'scan', 'a child')
  await store.approve('web-1', name, { by: 'a child' })
  const { outcome, written } = store.quarantine(`host-${round}`, { expected: [], offered: name })
  await written
  process.send?.({ approved: name, quarantined: `host-${round}`, since: outcome.since })
}
