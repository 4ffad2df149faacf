import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Router } from 'express'
import { ReviewError } from '../errors.ts'

/** What the browser needs of the player: its entry, the chunks the entry imports, style, licence. */
const PLAYER_FILE = /^(?:index|(?:core|opts|logging)-[\w-]+)\.js$/
const PAGE_FILE = /^[a-z-]+\.(?:js|css|svg)$/

/**
 * Returns the routes of our own modules and of the player. Each name is listed when the app starts,
 * so no path out of a request ever reaches the file system. Throws ERR_REVIEW_ASSET_MISSING.
 */
export async function assetRoutes(): Promise<Router> {
  const page = new URL('../../page/', import.meta.url)
  const player = new URL('./', import.meta.resolve('asciinema-player'))
  const router = Router()
  serve(router, '/page', await filesOf(page, PAGE_FILE))
  serve(router, '/vendor/asciinema-player', [
    ...(await filesOf(player, PLAYER_FILE)),
    fileURLToPath(new URL('bundle/asciinema-player.css', player)),
    fileURLToPath(new URL('../LICENSE', player)),
  ])
  return router
}

async function filesOf(folder: URL, wanted: RegExp): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => wanted.test(name))
  if (names.length === 0) {
    throw new ReviewError('ERR_REVIEW_ASSET_MISSING', `no page files in ${fileURLToPath(folder)}`)
  }
  return names.map((name) => fileURLToPath(new URL(name, folder)))
}

function serve(router: Router, prefix: string, files: readonly string[]): void {
  for (const file of files) {
    router.get(`${prefix}/${basename(file)}`, (_request, response, next) => {
      const headers = { 'Cache-Control': 'no-cache' }
      if (basename(file) === 'LICENSE') response.type('text/plain')
      response.sendFile(file, { headers, cacheControl: false, dotfiles: 'allow' }, (error) => {
        if (error !== undefined && !response.destroyed) next(error)
      })
    })
  }
}
