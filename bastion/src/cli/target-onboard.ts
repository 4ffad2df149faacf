import { parsePublicKeyLine } from '@sallyport/keys/publickey'
import { BastionError } from '../errors.ts'
import { sshdFiles, sshdScript } from '../onboard/index.ts'
import { withAnswers } from './answers.ts'
import { fieldsOf, rowsOf, type Console } from './control.ts'

export interface OnboardTarget {
  readonly config: string
  readonly name: string
  /** The folder of sshd_config at the target. */
  readonly folder: string
}

/** Prints what makes the sshd of a target take the certificates that its logins are configured with. */
export async function onboardTarget(asked: OnboardTarget, console: Console): Promise<void> {
  const { name, folder } = asked
  await withAnswers(asked.config, console, async (askFor, config) => {
    const target = config.targets.find((one) => one.name === name)
    if (target === undefined) throw unknown(`there is no target named ${name}`)
    const logins = target.logins.flatMap((login) => ('certificate' in login ? [login] : []))
    if (logins.length === 0) {
      const form = '{ login: NAME, certificate: { principals: [ROLE] } }'
      throw unknown(`target ${name} has no login with a certificate; configure one as ${form}`)
    }
    const { body } = await askFor('GET', '/api/authorities')
    const lines = rowsOf(fieldsOf(fieldsOf(body)['authorities'])['upstream'])
      .filter(({ state }) => state !== 'retired')
      .map(({ publicKeyLine }) => String(publicKeyLine))
    const files = sshdFiles({ logins, authorities: lines.map(parsePublicKeyLine), folder })
    console.say(console.json ? JSON.stringify({ target: name, files }) : sshdScript(name, files))
  })
}

function unknown(text: string): BastionError {
  return new BastionError('ERR_BASTION_CONFIG', text)
}
