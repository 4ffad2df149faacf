import type { PublicKey } from '@sallyport/keys/publickey'
import { formatPublicKeyLine } from '@sallyport/keys/publickey'
import type { CertificateLogin } from '../route/target.ts'

/** A file that goes to a target, with all that is in it. */
export interface TargetFile {
  readonly path: string
  readonly content: string
}

export interface SshdFilesOptions {
  readonly logins: readonly CertificateLogin[]
  /** What is published of the upstream authority: during a change these are several keys. */
  readonly authorities: readonly PublicKey[]
  /** The folder of sshd_config at the target. */
  readonly folder: string
}

/**
 * Returns the files that make an sshd take our certificates, for these logins and no others: only inside the Match block
 * is the authority trusted at all, so that a certificate of ours opens no account that is not named there. No file of the
 * target is changed.
 */
export function sshdFiles(options: SshdFilesOptions): readonly TargetFile[] {
  const { logins, authorities, folder } = options
  const authorityFile = `${folder}/sallyport_ca.pub`
  const principalsFolder = `${folder}/sallyport_principals`
  const names = logins.map(({ login }) => login)
  return [
    {
      path: authorityFile,
      content: lines(
        authorities.map(({ blob }) => formatPublicKeyLine(blob, 'sallyport-upstream-ca')),
      ),
    },
    ...logins.map(({ login, certificate }) => ({
      path: `${principalsFolder}/${login}`,
      content: lines(certificate.principals),
    })),
    {
      path: `${folder}/sshd_config.d/50-sallyport.conf`,
      content: lines([
        `Match User ${names.join(',')}`,
        `    TrustedUserCAKeys ${authorityFile}`,
        `    AuthorizedPrincipalsFile ${principalsFolder}/%u`,
      ]),
    },
  ]
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}
