import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Returns a new folder, which each test of the surrounding suite gets afresh. */
export function scratchFolder(): () => string {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-keys-'))
  })
  afterEach(async () => rm(folder, { recursive: true, force: true }))
  return () => folder
}
