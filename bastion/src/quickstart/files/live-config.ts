import type { Config } from '../../config/config.ts'
import { BastionError } from '../../errors.ts'
import { LOOPBACK } from '../ports.ts'
import { TARGET } from '../target/demonstration-target.ts'
import { ISSUER, type ConfigFacts } from './config-text.ts'

/**
 * Returns the configuration with what is true for this start: ports, the identity provider's name, and the
 * demonstration target's place and key. Throws ERR_BASTION_QUICKSTART when it would listen on the network, which a
 * bastion that trusts a development identity provider must not.
 */
export function liveConfig(config: Config, facts: ConfigFacts): Config {
  for (const { host } of [config.ssh, config.http]) {
    if (host === LOOPBACK) continue
    throw new BastionError(
      'ERR_BASTION_QUICKSTART',
      `the quickstart listens on ${LOOPBACK} only, not on ${host}; to serve others use "sallyport serve" and a real identity provider`,
    )
  }
  const { sshPort, httpPort, httpUrl, issuer, targetPort, targetHostKey } = facts
  return {
    ...config,
    ssh: { ...config.ssh, port: sshPort },
    http: { ...config.http, port: httpPort, url: httpUrl },
    issuers: config.issuers.map((entry) => (entry.name === ISSUER ? { ...entry, issuer } : entry)),
    targets: config.targets.map((entry) => {
      if (entry.name !== TARGET) return entry
      return { ...entry, address: LOOPBACK, port: targetPort, hostKeys: [targetHostKey] }
    }),
    ...(config.web === undefined ? {} : { web: { ...config.web, issuer } }),
  }
}
