import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLIENT_ID, CLIENT_SECRET, startIssuer } from '../web-replay/support/issuer.ts'
import { openBed, type Bed, type BedOptions } from './bed.ts'
import { freePort } from './port.ts'

export interface ReviewedBed {
  readonly bed: Bed
  close(): Promise<void>
}

/** Opens a bed whose review app is signed in to by a real OpenID provider. */
export async function openReviewedBed(options: Pick<BedOptions, 'policy'>): Promise<ReviewedBed> {
  const httpPort = await freePort()
  const redirectUri = `http://127.0.0.1:${httpPort}/login/callback`
  const issuer = await startIssuer({ redirectUri })
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-web-'))
  const clientSecretFile = join(folder, 'web.secret')
  await writeFile(clientSecretFile, CLIENT_SECRET)
  const config = `
web:
  issuer: ${issuer.url}
  clientId: ${CLIENT_ID}
  clientSecretFile: ${clientSecretFile}
  developmentHttp: true
  roles:
    reviewer: [sallyport-reviewers]
    approver: [sallyport-approvers]
    admin: [sallyport-admins]
`
  const stop = async (): Promise<void> => {
    await issuer.close()
    await rm(folder, { recursive: true })
  }
  try {
    const bed = await openBed({ ...options, httpPort, config })
    return {
      bed,
      async close() {
        await bed.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
