import { createWriter } from '../../wire/index.ts'
import { PlaceError } from '../place.ts'
import type { AccountFiles, KeysFile } from './account-files.ts'
import type { ByteChannel } from './session.ts'
import { openSftpClient, SFTP, STATUS, type Answer, type SftpClient } from './sftp-client.ts'

const MAX_BYTES = 1 << 20
const PIECE = 16 << 10
const READ = 1
const WRITE = 2
const CREATE_NEW = 0x08 | 0x20
const usualFiles = ['.ssh/authorized_keys', '.ssh/authorized_keys2']

/**
 * Returns the files of an account that has sftp alone; undefined when it has not. A file is replaced by a rename over it,
 * with the owner and the mode that it had. Throws PlaceError.
 */
export async function sftpFiles(
  channel: ByteChannel,
  paths: readonly string[] | undefined,
): Promise<AccountFiles | undefined> {
  const client = await openSftpClient(channel)
  if (client === undefined) return undefined
  if (!client.extensions.has('posix-rename@openssh.com'))
    throw new PlaceError('unsuitable', 'its sftp server cannot rename over a file in one step')
  return {
    async read() {
      const found = new Map<string, KeysFile>()
      for (const path of paths ?? usualFiles) {
        const real = await realPath(client, path)
        const content = real === undefined ? undefined : await readFile(client, real)
        if (real === undefined || content === undefined) continue
        found.set(real, { path: real, bytes: content.bytes, writable: await opens(client, real) })
      }
      return [...found.values()]
    },
    // Who has files alone sees no programs.
    rivals: () => Promise.resolve([]),
    replace: (file, bytes) => replace(client, file, bytes),
  }
}

interface Content {
  readonly bytes: Buffer
  /** Owner and mode, as FSTAT tells them and FSETSTAT takes them. */
  readonly attributes: Buffer
}

async function replace(
  client: SftpClient,
  { path, bytes: before }: KeysFile,
  after: Buffer,
): Promise<'replaced' | 'changed'> {
  const now = await readFile(client, path)
  if (now === undefined || !now.bytes.equals(before)) return 'changed'
  const temporary = `${path}.sallyport`
  await client.ask(SFTP.REMOVE, temporary)
  const flags = createWriter()
    .u32(WRITE | CREATE_NEW)
    .bytes()
  const mode = createWriter().u32(4).u32(0o600).bytes()
  const handle = await handleOf(client.ask(SFTP.OPEN, temporary, flags, mode))
  if (handle === undefined)
    throw new PlaceError('unsuitable', `nothing can be written beside ${path}`)
  try {
    for (let at = 0; at < after.length; at += PIECE) {
      const offset = createWriter().u64(BigInt(at)).bytes()
      const piece = createWriter()
        .string(after.subarray(at, at + PIECE))
        .bytes()
      await must(client.ask(SFTP.WRITE, handleField(handle), offset, piece), `write ${temporary}`)
    }
    await must(
      client.ask(SFTP.FSETSTAT, handleField(handle), now.attributes),
      `keep the owner and mode of ${path}`,
    )
    if (client.extensions.has('fsync@openssh.com'))
      await must(
        client.ask(SFTP.EXTENDED, 'fsync@openssh.com', handleField(handle)),
        `sync ${temporary}`,
      )
    await must(client.ask(SFTP.CLOSE, handleField(handle)), `close ${temporary}`)
    const still = await readFile(client, path)
    if (still === undefined || !still.bytes.equals(before)) {
      await client.ask(SFTP.REMOVE, temporary)
      return 'changed'
    }
    const renamed = client.ask(SFTP.EXTENDED, 'posix-rename@openssh.com', temporary, path)
    await must(renamed, `replace ${path}`)
    return 'replaced'
  } catch (error) {
    await client.ask(SFTP.REMOVE, temporary).catch(() => {})
    throw error
  }
}

async function readFile(client: SftpClient, path: string): Promise<Content | undefined> {
  const flags = createWriter().u32(READ).u32(0).bytes()
  const handle = await handleOf(client.ask(SFTP.OPEN, path, flags))
  if (handle === undefined) return undefined
  const attributes = await attributesOf(client, handle)
  const pieces: Buffer[] = []
  let at = 0
  for (;;) {
    const range = createWriter().u64(BigInt(at)).u32(PIECE).bytes()
    const answer = await client.ask(SFTP.READ, handleField(handle), range)
    if (answer.kind === 'status') {
      if (answer.code !== STATUS.EOF) throw failed(`read ${path}`, answer)
      break
    }
    const piece = Buffer.from(answer.fields.string())
    at += piece.length
    if (piece.length === 0 || at > MAX_BYTES)
      throw new PlaceError('unsuitable', `${path} is no file with keys`)
    pieces.push(piece)
  }
  await client.ask(SFTP.CLOSE, handleField(handle))
  return { bytes: Buffer.concat(pieces), attributes }
}

/** ATTRS: uint32 flags, then uint64 size, uint32 uid and gid, uint32 permissions, each where its flag is set. */
async function attributesOf(client: SftpClient, handle: Buffer): Promise<Buffer> {
  const answer = await client.ask(SFTP.FSTAT, handleField(handle))
  if (answer.kind === 'status') throw failed('look at a file', answer)
  const { fields } = answer
  const flags = fields.u32()
  if ((flags & 1) !== 0) fields.u64()
  const writer = createWriter().u32(flags & 6)
  if ((flags & 2) !== 0) writer.u32(fields.u32()).u32(fields.u32())
  if ((flags & 4) !== 0) writer.u32(fields.u32() & 0o7777)
  return writer.bytes()
}

async function realPath(client: SftpClient, path: string): Promise<string | undefined> {
  const answer = await client.ask(SFTP.REALPATH, path)
  if (answer.kind === 'status') return undefined
  answer.fields.u32()
  const real = answer.fields.text()
  // It is shown to people.
  return /^\P{Cc}{1,4096}$/u.test(real) ? real : undefined
}

async function opens(client: SftpClient, path: string): Promise<boolean> {
  const flags = createWriter().u32(WRITE).u32(0).bytes()
  const handle = await handleOf(client.ask(SFTP.OPEN, path, flags))
  if (handle === undefined) return false
  await client.ask(SFTP.CLOSE, handleField(handle))
  return true
}

async function handleOf(asked: Promise<Answer>): Promise<Buffer | undefined> {
  const answer = await asked
  return answer.kind === 'status' ? undefined : Buffer.from(answer.fields.string())
}

function handleField(handle: Buffer): Uint8Array {
  return createWriter().string(handle).bytes()
}

async function must(asked: Promise<Answer>, what: string): Promise<void> {
  const answer = await asked
  if (answer.kind !== 'status' || answer.code !== STATUS.OK) throw failed(what, answer)
}

function failed(what: string, answer: Answer): PlaceError {
  const why = answer.kind === 'status' ? answer.message : 'an answer that does not fit'
  return new PlaceError('unsuitable', `sftp could not ${what}: ${why}`)
}
