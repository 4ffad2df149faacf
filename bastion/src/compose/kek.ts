import {
  kekFromAwsKms,
  kekFromFile,
  kekFromPassphraseFile,
  kekFromSystemd,
  kekFromTransit,
  type AwsCredentialSource,
  type KekSource,
} from '@sallyport/keys/vault'
import type { AwsKmsEntry, VaultEntry } from '../config/vault.ts'

/** What a KEK source may ask of where it runs. */
export interface Surroundings {
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Returns where the KEK of a configured vault comes from; nothing is read or asked for yet. */
export function kekSourceOf(vault: VaultEntry, surroundings: Surroundings = {}): KekSource {
  const { environment = process.env, now = Date.now } = surroundings
  const { kek } = vault
  switch (kek.kind) {
    case 'file':
      return kekFromFile(kek.file)
    case 'passphrase':
      return kekFromPassphraseFile(kek.file)
    case 'systemd':
      return kekFromSystemd({ name: kek.name, directory: environment['CREDENTIALS_DIRECTORY'] })
    case 'transit':
      return kekFromTransit({ ...kek, timeout: kek.timeout * 1000 })
    case 'aws-kms': {
      const credentials = credentialsOf(kek, environment)
      return kekFromAwsKms({ ...kek, credentials, timeout: kek.timeout * 1000, now })
    }
  }
}

function credentialsOf(
  { credentialsFile, profile }: AwsKmsEntry,
  variables: Readonly<Record<string, string | undefined>>,
): AwsCredentialSource {
  if (credentialsFile === undefined) return { kind: 'environment', variables }
  return { kind: 'file', file: credentialsFile, profile }
}
