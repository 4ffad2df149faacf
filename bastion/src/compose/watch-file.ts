import { watch, type FSWatcher } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export interface FileWatch {
  close(): void
}

export interface FileWatchOptions {
  readonly file: string
  /** Called when the file may have changed and its folder has been quiet for a moment. */
  readonly onChange: () => void
  /** Called when the folder cannot be watched, or no longer. */
  readonly onFailure: (error: unknown) => void
}

/** Milliseconds of quiet: editors and config maps change a file in several steps. */
const QUIET = 200

/**
 * Watches the folder of a file, not the file: editors rename a new one over it, and a Kubernetes config map swaps the
 * link `..data` beside it. When the file is a link, the folder that it leads to is watched as well.
 */
export function watchFile({ file, onChange, onFailure }: FileWatchOptions): FileWatch {
  const watchers = new Map<string, FSWatcher>()
  let names: readonly string[] = [basename(file)]
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const look = (folder: string): void => {
    if (closed || watchers.has(folder)) return
    try {
      const watcher = watch(folder, (_event, changed) => {
        if (changed === null || changed.startsWith('..') || names.includes(changed)) soon()
      })
      watcher.on('error', (error) => {
        watcher.close()
        watchers.delete(folder)
        onFailure(error)
      })
      watchers.set(folder, watcher)
    } catch (error) {
      onFailure(error)
    }
  }
  const follow = async (): Promise<void> => {
    const real = await realpath(file).catch(() => file)
    const folders = new Set([dirname(file), dirname(real)])
    names = [basename(file), basename(real)]
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of folders) look(folder)
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      void follow().then(() => {
        if (!closed) onChange()
      })
    }, QUIET)
  }
  look(dirname(file))
  void follow()

  return {
    close() {
      closed = true
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}
