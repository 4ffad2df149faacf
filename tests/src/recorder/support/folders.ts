import { execFileSync } from 'node:child_process'
import nodeFiles from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordingFiles } from '@sallyport/recorder/recording'

/** Calls `use` with a fresh folder, and removes it. */
export async function withFolder(use: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-recorder-'))
  try {
    await use(root)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/**
 * Calls `use` with a folder on a disk of `size` bytes: a real tmpfs where this process may mount
 * one, otherwise files that run out of room in the same way (a short write, then ENOSPC).
 */
export async function withSmallDisk(
  size: number,
  use: (root: string, fs: RecordingFiles, real: boolean) => Promise<void>,
): Promise<void> {
  await withFolder(async (root) => {
    if (!mount(root, size)) return use(root, crampedFiles(size), false)
    try {
      await use(root, nodeFiles, true)
    } finally {
      execFileSync('umount', ['--lazy', root])
    }
  })
}

/** File operations of which some are replaced. */
export function filesWith(replaced: Partial<RecordingFiles>): RecordingFiles {
  return {
    mkdir: nodeFiles.mkdir,
    open: nodeFiles.open,
    write: nodeFiles.write,
    fdatasync: nodeFiles.fdatasync,
    close: nodeFiles.close,
    ...replaced,
  }
}

function mount(root: string, size: number): boolean {
  try {
    const options = `size=${size},mode=0700`
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', root], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function crampedFiles(size: number): RecordingFiles {
  let left = size
  return filesWith({
    write(fd, bytes, offset, length, position, done) {
      const part = Math.min(left, length)
      left -= part
      if (part === 0) {
        const error = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
        setImmediate(() => done(error, 0))
      } else {
        nodeFiles.write(fd, bytes, offset, part, position, done)
      }
    },
  })
}
