import { z } from 'zod'
import { type FilesPattern, type GitPattern, readSize } from '../match/index.ts'
import type { FileExample, RuleDocument } from './document.ts'
import { glob, path } from './patterns.ts'

const size = z.union(
  [
    z.int().min(0),
    z.string().refine((text) => readSize(text) !== undefined, 'a size is written 200MiB'),
  ],
  { error: 'expected a number of bytes, or a size like 200MiB (KiB, MiB, GiB)' },
)

const op = z.enum([
  'stat',
  'list',
  'readlink',
  'read',
  'write',
  'mkdir',
  'rename',
  'remove',
  'rmdir',
  'setstat',
  'symlink',
  'hardlink',
])

/** What a rule says about files. */
export const filesSchema: z.ZodType<FilesPattern> = z.strictObject({
  via: z
    .array(z.enum(['sftp', 'scp', 'rsync']))
    .min(1)
    .optional(),
  ops: z.array(op).min(1).optional(),
  paths: z.array(path).min(1, 'an empty list matches nothing'),
  max_bytes: size.optional(),
  deny_modes: z
    .array(z.enum(['setuid', 'setgid', 'sticky', 'world-writable']))
    .min(1)
    .optional(),
  hidden: z.boolean().optional(),
})

const service = z.enum(['upload-pack', 'receive-pack', 'upload-archive'])

/** What a rule says about git. */
export const gitSchema: z.ZodType<GitPattern> = z.strictObject({
  service: z.union([service, z.array(service).min(1)], {
    error: 'expected upload-pack, receive-pack or upload-archive, or a list of them',
  }),
  repos: z.array(glob).min(1, 'an empty list matches nothing'),
})

/** One operation that a rule about files must match, or not. */
export const fileExampleSchema: z.ZodType<FileExample> = z.strictObject({
  op,
  path: z.string().startsWith('/', 'an absolute path'),
  to: z.string().startsWith('/', 'an absolute path').optional(),
  mode: z.int().min(0).max(0o7777).optional(),
  subtree: z.boolean().optional(),
  via: z.enum(['sftp', 'scp', 'rsync']).optional(),
})

/** Returns what a rule about files or git may not say. */
export function fileComplaints(
  rule: RuleDocument,
): readonly { readonly path: string[]; readonly message: string }[] {
  const { files, git, effect } = rule
  if (files === undefined && git === undefined) return []
  const found: { path: string[]; message: string }[] = []
  if (files === undefined) return found
  if (effect === 'approve' && files.via?.includes('sftp') !== false)
    found.push({
      path: ['files', 'via'],
      message:
        'one operation over sftp cannot wait for people: say via: [scp, rsync], or ask for approval of subsystem: [sftp]',
    })
  const narrowing = (['max_bytes', 'deny_modes'] as const).filter(
    (field) => files[field] !== undefined,
  )
  for (const field of effect === 'deny' ? [...narrowing, 'hidden' as const] : [])
    if (files[field] !== undefined)
      found.push({
        path: ['files', field],
        message: `a deny rule matches whatever is done to its paths; it has no ${field}`,
      })
  if (effect !== 'deny' && files.ops === undefined)
    found.push({ path: ['files'], message: 'a rule that opens something lists its ops' })
  if (files.via?.some((via) => via !== 'sftp') === true)
    for (const field of narrowing)
      found.push({
        path: ['files', field],
        message: `only over sftp can ${field} be seen; give scp and rsync a rule without it`,
      })
  return found
}
