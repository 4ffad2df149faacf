import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { failed, passed, told, type Step } from './step.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:jwt'

const claimsSchema = z.object({
  sub: z.string(),
  groups: z.array(z.string()),
  repository: z.string(),
  iat: z.number(),
  exp: z.number(),
})

export const tokenStep: Step = {
  title: 'The agent gets an ID token from its own platform',
  async run({ folder, tokenEndpoint, type, print }) {
    const outcome = await type(
      `curl -sS -K ${folder.typed('agent', 'credentials')} -d grant_type=client_credentials ${tokenEndpoint} |
    sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/' > ${folder.typed('agent', 'token')}`,
    )
    const claims = claimsSchema.safeParse(await unverifiedClaims(folder.file('agent', 'token')))
    if (!claims.success)
      return failed('a JSON Web Token with claims about the agent', told(outcome))
    const { sub, groups, repository, iat, exp } = claims.data
    print(`sub=${sub} groups=${groups.join(',')} repository=${repository}`)
    return passed(`a token that lives ${exp - iat} seconds`)
  },
}

export const certificateStep: Step = {
  title: 'It trades the token for an SSH certificate',
  async run({ folder, httpUrl, type }) {
    const certificate = folder.typed('agent', 'id_ed25519-cert.pub')
    const traded = await type(
      `curl -sS --fail-with-body -H 'Accept: text/plain' -o ${certificate} \\
    -d grant_type=${GRANT} \\
    -d subject_token_type=${TOKEN_TYPE} \\
    --data-urlencode subject_token@${folder.typed('agent', 'token')} \\
    --data-urlencode ssh_public_key@${folder.typed('agent', 'id_ed25519.pub')} \\
    ${new URL('/oauth2/token', httpUrl).href}`,
    )
    if (traded.status !== 0) return failed('a certificate', told(traded))
    const looked = await type(
      `ssh-keygen -Lf ${certificate} | grep -E 'Key ID|Valid|deploy|permit'`,
    )
    const whole = ['Key ID: "ci-agent/', 'Valid: from ', 'permit-port-forwarding'].every((part) =>
      looked.stdout.includes(part),
    )
    return whole
      ? passed('it is good for minutes, and only for a login as deploy')
      : failed('a certificate of ci-agent that may log in as deploy', told(looked))
  },
}

/** Nothing of it has been verified: this is for show, the exchange does the verifying. */
async function unverifiedClaims(file: string): Promise<unknown> {
  try {
    const [, payload = ''] = (await readFile(file, 'utf8')).split('.')
    return JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    return undefined
  }
}
