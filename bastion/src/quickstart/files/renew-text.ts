export interface RenewFacts {
  /** The folder with the key and the certificate. */
  readonly folder: string
  readonly tokenEndpoint: string
  readonly exchange: string
}

/**
 * Returns a POSIX shell program that renews a certificate with nothing but curl, ssh-keygen and flock. ssh runs it before
 * each connection, several at once perhaps: it does nothing while the certificate is good for a minute, and one renews
 * while the others wait. Its errors go to standard error, since all that ssh says is "Permission denied".
 */
export function renewText({ folder, tokenEndpoint, exchange }: RenewFacts): string {
  return `#!/bin/sh
# Keeps the certificate beside this file fresh. Made new at each start of the quickstart.
set -eu
umask 077
cd ${folder}
key=id_ed25519
export TZ=UTC0 no_proxy=localhost,127.0.0.1

fresh() {
  [ -f $key-cert.pub ] || return 1
  until=$(ssh-keygen -L -f $key-cert.pub | sed -n 's/^ *Valid: from .* to //p')
  [ -n "$until" ] && [ $(($(date -d "$until" +%s) - $(date +%s))) -ge 60 ]
}

fresh && exit 0
exec 9>>renew.lock
flock -w 15 9
fresh && exit 0

[ -f $key ] || ssh-keygen -q -t ed25519 -N '' -C sallyport-quickstart -f $key

# 1. The platform's token. In CI this is one request to the platform; here the client's secret is in "credentials".
answer=$(curl -sS --fail-with-body -K credentials -d grant_type=client_credentials \\
  ${tokenEndpoint}) || { printf '%s\\n' "$answer" >&2; exit 1; }
token=$(printf %s "$answer" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

# 2. The certificate for it. It goes to a new file first, so that ssh never reads half of one.
printf %s "$token" | curl -sS --fail-with-body -H 'Accept: text/plain' -o $key-cert.new \\
  -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange \\
  -d subject_token_type=urn:ietf:params:oauth:token-type:jwt \\
  --data-urlencode subject_token@- \\
  --data-urlencode ssh_public_key@$key.pub \\
  ${exchange} || { cat $key-cert.new >&2; exit 1; }
mv $key-cert.new $key-cert.pub
`
}
