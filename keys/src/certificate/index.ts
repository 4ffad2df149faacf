export { certTypeOf, signatureAlgorithmOf } from './certificate.ts'
export type { Certificate } from './certificate.ts'
export { formatCertificateLine, parseCertificateLine } from './line.ts'
export { isPrincipal } from './names.ts'
export { parseCertificate } from './parse.ts'
export { signCertificate } from './sign.ts'
export type { CertificateSigner, CertificateSpec, SignCertificateOptions } from './sign.ts'
export { isAddressIn, parseSourceAddresses } from './source-address.ts'
export type { AddressBlock } from './source-address.ts'
export { validateCertificate } from './validate.ts'
export type {
  CertificateExpectations,
  CertificateRejection,
  CertificateRejectionCode,
  CertificateValidation,
  ValidCertificate,
} from './validate.ts'
