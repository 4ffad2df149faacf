import { DatabaseSync } from 'node:sqlite'
import { openCatalog } from '@sallyport/recorder/catalog'
import { openIndex } from '@sallyport/recorder/search'

const FIRST_START = Date.UTC(2026, 0, 1)

/** One session in how many columns; `n` counts from 0. */
const IDENTITY = `'github/acme/service-' || (n * 31 % 2000)`
const TARGET = `'web-' || (n * 17 % 400)`
const LOGIN = `iif(n % 5 = 0, 'root', 'deploy')`
const REPOSITORY = `'acme/service-' || (n * 31 % 2000)`
const RULE = `iif(n % 97 = 0, 'default', 'rule-' || (n % 40))`
const EXIT = `iif(n % 97 = 0, 126, n % 11 = 0)`
const COMMAND = `CASE n % 8
  WHEN 0 THEN 'systemctl status shop-api --no-pager' WHEN 1 THEN 'tail -n 200 /var/log/shop/api.log'
  WHEN 2 THEN 'df -h' WHEN 3 THEN 'ls -la /srv/shop/releases'
  WHEN 4 THEN 'grep -rn "payment declined" /var/log/shop' WHEN 5 THEN 'git-upload-pack /srv/git/shop'
  WHEN 6 THEN 'rsync --server . /srv/shop/releases/next' ELSE 'systemctl restart shop-api'
  END || ' ' || (n * 7919 % 1000003)`
const FACETS: readonly (readonly [name: string, value: string, where?: string])[] = [
  ['agent', IDENTITY],
  ['target', TARGET],
  ['login', LOGIN],
  ['status', `'ended'`],
  ['claim.repository', REPOSITORY],
  ['claim.run_id', `CAST(n AS TEXT)`],
  ['kind', `'exec'`],
  ['rule', RULE],
  ['decision', `iif(n % 97 = 0, 'denied', 'allowed')`],
  ['decision', `'held'`, 'n % 1009 = 0'],
  ['exit', `CAST(${EXIT} AS TEXT)`],
  ['exit', `'failed'`, `${EXIT} <> 0`],
]

/** Writes the catalog of `count` sessions of a fleet into a new file: what a bastion would have, but at once. */
export function generateCatalog(file: string, count: number): void {
  const onError = (error: unknown): never => {
    throw error
  }
  openCatalog({ file, onError }).close()
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -131072; BEGIN')
  const series = `WITH RECURSIVE g (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g LIMIT ${count})`
  const start = `${FIRST_START} + n * 20000`
  const fill = (table: string, columns: string, values: string, rest = ''): void => {
    database.exec(`INSERT INTO ${table} (${columns}) ${series} SELECT ${values} FROM g ${rest}`)
  }
  fill(
    'recordings',
    `number, id, started_at, ended_at, status, identity, issuer, subject, login, target,
      client_address, entry, bytes, commands, denied, claims`,
    `n + 1, printf('gen-%09d', n), ${start}, ${start} + 1500, 'ended', ${IDENTITY},
      'https://token.actions.githubusercontent.com', 'repo:' || ${REPOSITORY}, ${LOGIN}, ${TARGET},
      '192.0.2.17', '-J', 2048, 1, n % 97 = 0,
      json_object('repository', ${REPOSITORY}, 'run_id', CAST(n AS TEXT))`,
  )
  fill(
    'channels',
    `recording, channel, kind, activity, cast_file, command, pty, started_at, ended_at, exit_status,
      bytes`,
    `n + 1, 1, 'exec', 'exec', '1.cast', ${COMMAND}, 0, ${start}, ${start} + 1500, ${EXIT}, 2048`,
  )
  fill(
    'commands',
    'number, recording, channel, at, offset, text, effect, rule, argv, judged, held',
    `n + 1, n + 1, 1, ${start}, 0.0, ${COMMAND}, iif(n % 97 = 0, 'deny', 'allow'), ${RULE}, '[]', 1,
      n % 1009 = 0`,
  )
  fill('endings', 'sequence, recording', 'n + 1, n + 1')
  for (const [name, value, where = 'true'] of FACETS) {
    fill('facets', 'name, value', `DISTINCT '${name}', ${value}`, `WHERE ${where}`)
    fill(
      'postings',
      'facet, started_at, number',
      `(SELECT number FROM facets WHERE name = '${name}' AND value = ${value}) AS facet, ${start}, n + 1`,
      `WHERE ${where} ORDER BY facet, n`,
    )
  }
  const second = `CAST((${start}) / 1000 AS INTEGER) - 2750000000`
  fill('spans', 'number, first, last', `n + 1, ${second}, ${second} + 1`)
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}

/** Writes the search index of such a catalog: every command, and a line of output of each session. */
export function generateSearch(file: string, catalogFile: string, count: number): void {
  const database = openIndex(file, catalogFile)
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -131072')
  database.exec(`BEGIN;
    INSERT INTO command_text (rowid, text) SELECT number, text FROM catalog.commands;
    WITH RECURSIVE g (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g LIMIT ${count})
      INSERT INTO outputs SELECT n + 1, n + 1, 1, 0.5,
        printf('2026-05-01 08:%02d:%02d api: order %d %s by service-%d', n % 60, n % 59, n * 7919 % 1000003,
          iif(n % 13 = 0, 'declined', 'accepted'), n * 31 % 2000) FROM g;
    INSERT INTO output_text (rowid, text) SELECT number, text FROM outputs;
    INSERT OR REPLACE INTO progress SELECT 'commands', max(number) FROM catalog.commands;
    INSERT OR REPLACE INTO progress SELECT 'endings', max(sequence) FROM catalog.endings;
    COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`)
  database.close()
}
