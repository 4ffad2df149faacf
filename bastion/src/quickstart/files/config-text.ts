import { AUDIENCE, WEB_CLIENT } from '../idp/accounts.ts'
import { LOOPBACK } from '../ports.ts'
import { LOGIN, TARGET } from '../target/demonstration-target.ts'

/** Our own name for the development identity provider. */
export const ISSUER = 'development'

export interface ConfigFacts {
  readonly sshPort: number
  readonly httpUrl: string
  readonly httpPort: number
  readonly issuer: string
  readonly targetPort: number
  /** Public line of the demonstration target's host key. */
  readonly targetHostKey: string
}

/** Returns the configuration that a new data folder begins with; the paths in it are relative to the folder. */
export function configText(facts: ConfigFacts): string {
  return `# Configuration of the quickstart. "npx sallyport serve --config sallyport.yaml" takes it too.
# Each start of the quickstart uses the ports that it was given, and those of its own identity provider
# and target; the rest is read from here, so edit it and start again.
data: .
policy: policy.yaml

ssh: { host: ${LOOPBACK}, port: ${facts.sshPort}, names: [bastion] }
http: { host: ${LOOPBACK}, port: ${facts.httpPort}, url: '${facts.httpUrl}' }

# The key that seals the vault. Outside of a demonstration keep it away from the data.
vault: { keyFile: vault.key }

# Whose tokens are believed.
issuers:
  - name: ${ISSUER}
    issuer: ${facts.issuer}
    audience: ${AUDIENCE}
    algorithms: [ES256]
    requiredType: at+jwt
    maxLifetime: 300
    developmentHttp: true

# What a token makes its bearer. Exactly one of these must fit its claims.
identities:
  - id: ci-agent
    issuer: ${ISSUER}
    match: { sub: agent, repository: acme/shop }
    name: { claim: sub }
    groups: [ci]
    principals: [${LOGIN}]
    carry: [repository]
  - id: person
    issuer: ${ISSUER}
    match: { sub: human }
    name: { claim: sub }
    groups: [people]
    principals: [${LOGIN}]

# Where they may be let on to. The key is in the vault, under the name that is given here.
targets:
  - name: ${TARGET}
    address: ${LOOPBACK}
    port: ${facts.targetPort}
    labels: { role: web, env: demonstration }
    logins: [{ login: ${LOGIN}, key: ${TARGET} }]
    hostKeys: ['${facts.targetHostKey}']

# Who may look at the recordings.
web:
  issuer: ${facts.issuer}
  clientId: ${WEB_CLIENT}
  clientSecretFile: web-client.secret
  developmentHttp: true
  roles:
    reviewer: [sallyport-reviewers]
    approver: [sallyport-approvers]
    admin: [sallyport-admins]
`
}
