export { KeysError } from '../errors.ts'
export type { KekParameters, Kek, KekSource } from './kek.ts'
export type {
  AuthorityKeyName,
  AuthorityKeys,
  NewAuthorityKey,
  SealedAuthorityKey,
} from './authority-keys.ts'
export type { AwsCredentialSource } from './aws-credentials.ts'
export { checkApprover, checkRecipients, isSamePerson } from './export.ts'
export type { CheckedRecipients, ExportedKey, ExportRequest } from './export.ts'
export type { KeyKind } from './generate-key.ts'
export { kekFromAwsKms } from './kek-aws-kms.ts'
export type { AwsKmsKey } from './kek-aws-kms.ts'
export { createKekFile, kekFromFile } from './kek-file.ts'
export { kekFromPassphrase, kekFromPassphraseFile } from './kek-passphrase.ts'
export { kekFromSystemd } from './kek-systemd.ts'
export type { SystemdCredential } from './kek-systemd.ts'
export { kekFromTransit } from './kek-transit.ts'
export type { TransitKey } from './kek-transit.ts'
export { createParcelReceiver, packParcel } from './parcel.ts'
export type { Parcel, ParcelReceiver } from './parcel.ts'
export { parsePrivateKey } from './private-key.ts'
export type { ImportedKey } from './private-key.ts'
export type { Sealed } from './seal.ts'
export type { Signer } from './signer.ts'
export { openVault } from './vault.ts'
export type {
  GenerateOptions,
  NewVersionOptions,
  Vault,
  VaultEntry,
  VaultOptions,
} from './vault.ts'
