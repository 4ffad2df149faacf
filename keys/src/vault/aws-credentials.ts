import { readPrivateFile } from '../durable/index.ts'
import { KeysError } from '../errors.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Where credentials come from: the variables that AWS's own programs read, or a file in their format. */
export type AwsCredentialSource =
  | {
      readonly kind: 'environment'
      readonly variables: Readonly<Record<string, string | undefined>>
    }
  | { readonly kind: 'file'; readonly file: string; readonly profile: string }

/** Returns the credentials as they are now. Throws `ERR_KEYS_KEK_FILE` or `ERR_KEYS_FILE_MODE`. */
export async function readAwsCredentials(source: AwsCredentialSource): Promise<AwsCredentials> {
  switch (source.kind) {
    case 'environment': {
      const { variables } = source
      const found = credentialsIn(
        variables['AWS_ACCESS_KEY_ID'],
        variables['AWS_SECRET_ACCESS_KEY'],
        variables['AWS_SESSION_TOKEN'],
      )
      if (found !== undefined) return found
      throw missing('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set')
    }
    case 'file': {
      const bytes = await readPrivateFile(source.file)
      if (bytes === undefined) throw missing(`no AWS credentials at ${source.file}`)
      const settings = profileIn(bytes.toString('utf8'), source.profile)
      bytes.fill(0)
      const found = credentialsIn(
        settings.get('aws_access_key_id'),
        settings.get('aws_secret_access_key'),
        settings.get('aws_session_token'),
      )
      if (found !== undefined) return found
      throw missing(`${source.file} holds no credentials for the profile "${source.profile}"`)
    }
  }
}

function credentialsIn(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
): AwsCredentials | undefined {
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

// [profile], name = value, and comments that begin a line with # or ;
function profileIn(text: string, profile: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  let inside = false
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[') && line.endsWith(']')) {
      inside = line.slice(1, -1).trim() === profile
      continue
    }
    const split = line.indexOf('=')
    if (!inside || split === -1) continue
    settings.set(line.slice(0, split).trim().toLowerCase(), line.slice(split + 1).trim())
  }
  return settings
}

function missing(message: string): KeysError {
  return new KeysError('ERR_KEYS_KEK_FILE', message)
}
