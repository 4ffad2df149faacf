import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Router } from 'express'
import { ReviewError } from '../errors.ts'

/** What the browser needs of the player: its entry, the chunks the entry imports, style, licence. */
const PLAYER_FILE = /^(?:index|(?:core|opts|logging)-[\w-]+)\.js$/
const PAGE_FILE = /^[a-z-]+\.(?:js|css|svg)$/
const PLAYER = '/vendor/asciinema-player'
const ALWAYS_ASK = 'no-cache'
/** Of an address that no other content will ever have. */
const NEVER_ASK = 'public, max-age=31536000, immutable'

/** The files that the pages are made of. */
export interface Assets {
  readonly router: Router
  /** What their addresses begin with, so that a browser that has them need not ask whether they have changed. */
  readonly base: string
  /** The player's modules below that. */
  readonly player: readonly string[]
}

/**
 * Returns our own modules and the player's. Each name is listed when the app starts, so no path out of a request ever
 * reaches the file system. Throws ERR_REVIEW_ASSET_MISSING.
 */
export async function openAssets(): Promise<Assets> {
  const page = new URL('../../page/', import.meta.url)
  const player = new URL('./', import.meta.resolve('asciinema-player'))
  const modules = await filesOf(player, PLAYER_FILE)
  const files = new Map<string, readonly string[]>([
    ['/page', await filesOf(page, PAGE_FILE)],
    [
      PLAYER,
      [
        ...modules,
        fileURLToPath(new URL('bundle/asciinema-player.css', player)),
        fileURLToPath(new URL('../LICENSE', player)),
      ],
    ],
  ])
  const base = `/assets/${await versionOf([...files.values()].flat())}`
  const router = Router()
  for (const [prefix, names] of files) {
    serve(router, prefix, names, ALWAYS_ASK)
    serve(router, `${base}${prefix}`, names, NEVER_ASK)
  }
  return { router, base, player: modules.map((file) => `${PLAYER}/${basename(file)}`) }
}

async function versionOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(basename(file)).update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

async function filesOf(folder: URL, wanted: RegExp): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => wanted.test(name))
  if (names.length === 0) {
    throw new ReviewError('ERR_REVIEW_ASSET_MISSING', `no page files in ${fileURLToPath(folder)}`)
  }
  return names.map((name) => fileURLToPath(new URL(name, folder)))
}

function serve(router: Router, prefix: string, files: readonly string[], caching: string): void {
  for (const file of files) {
    router.get(`${prefix}/${basename(file)}`, (_request, response, next) => {
      const headers = { 'Cache-Control': caching }
      if (basename(file) === 'LICENSE') response.type('text/plain')
      response.sendFile(file, { headers, cacheControl: false, dotfiles: 'allow' }, (error) => {
        if (error !== undefined && !response.destroyed) next(error)
      })
    })
  }
}
