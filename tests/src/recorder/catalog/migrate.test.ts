import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Catalog, openCatalog } from '@sallyport/recorder/catalog'
import type { RecordingFilters } from '@sallyport/recorder/rows'
import { withFolder } from '../support/folders.ts'

/** A catalog as the first version wrote it. */
const FIRST_VERSION = `
  CREATE TABLE recordings (
    id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER, status TEXT NOT NULL,
    identity TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL, login TEXT NOT NULL,
    target TEXT NOT NULL, client_address TEXT NOT NULL, entry TEXT NOT NULL,
    bytes INTEGER NOT NULL DEFAULT 0, commands INTEGER NOT NULL DEFAULT 0,
    denied INTEGER NOT NULL DEFAULT 0, claims TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX recordings_by_start ON recordings (started_at, id);
  CREATE INDEX recordings_running ON recordings (id) WHERE status = 'running';
  CREATE TABLE channels (
    recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    channel INTEGER NOT NULL, kind TEXT NOT NULL, cast_file TEXT NOT NULL, command TEXT,
    pty INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, exit_status INTEGER,
    exit_signal TEXT, bytes INTEGER NOT NULL DEFAULT 0, truncated INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (recording, channel)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE commands (
    number INTEGER PRIMARY KEY, recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    channel INTEGER NOT NULL, at INTEGER NOT NULL, offset REAL NOT NULL, text TEXT NOT NULL,
    effect TEXT NOT NULL, rule TEXT NOT NULL, argv TEXT NOT NULL, message TEXT,
    judged INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX commands_of_recording ON commands (recording, number);
  INSERT INTO recordings VALUES
    ('recording-2', 2000, 2500, 'ended', 'ci', 'i', 's', 'deploy', 'web', '192.0.2.1', '-J', 5, 1, 1,
      '{"ref":"main","ok":true,"run":17,"list":["x"]}'),
    ('recording-1', 1000, NULL, 'running', 'bot', 'i', 's', 'root', 'db', '192.0.2.1', '-J', 0, 1, 0,
      '{}');
  INSERT INTO channels VALUES
    ('recording-2', 0, 'exec', '0.cast', 'rm x', 0, 2000, 2500, 126, NULL, 5, 0),
    ('recording-1', 0, 'shell', '0.cast', NULL, 1, 1000, NULL, NULL, NULL, 0, 0);
  INSERT INTO commands VALUES
    (1, 'recording-2', 0, 2000, 0.5, 'rm x', 'deny', 'never', '[["rm","x"]]', 'no', 1),
    (2, 'recording-1', 0, 1000, 0, 'shell', 'allow', 'a,b', '[]', NULL, 0);
  PRAGMA user_version = 1;
`

describe('a catalog of the first version', () => {
  it('keeps everything, and can be filtered', async () => {
    await withFolder(async (root) => {
      const file = join(root, 'catalog.sqlite')
      const old = new DatabaseSync(file)
      old.exec(FIRST_VERSION)
      old.close()
      const catalog = openCatalog({ file, onError: assert.ifError })
      assert.deepEqual(ids(catalog, {}), ['recording-2', 'recording-1'])
      const detail = catalog.getRecording('recording-2')
      assert.deepEqual(detail?.recording.claims, { ref: 'main', ok: true, run: 17, list: ['x'] })
      assert.equal(detail.recording.endedAt, 2500)
      assert.deepEqual(detail.channels[0]?.exitStatus, 126)
      assert.deepEqual(detail.commands[0]?.argv, [['rm', 'x']])
      for (const filters of [
        { agent: 'ci', target: 'web', login: 'deploy', status: 'ended' },
        { kind: 'exec', exit: 126, decision: 'denied', rule: 'never' },
        { exit: 'failed' },
        { claims: [{ name: 'ref', value: 'main' }] },
        { claims: [{ name: 'ok', value: 'true' }] },
        { claims: [{ name: 'run', value: '17' }] },
        { activeAt: 2200 },
      ] satisfies RecordingFilters[]) {
        assert.deepEqual(ids(catalog, filters).at(0), 'recording-2', JSON.stringify(filters))
      }
      assert.deepEqual(ids(catalog, { rule: 'b', decision: 'not-judged' }), ['recording-1'])
      assert.deepEqual(ids(catalog, { activeAt: 3_000_000_000_000 }), ['recording-1'])
      catalog.recordingEnded('recording-1', { endedAt: 9000, status: 'failed' })
      assert.deepEqual(ids(catalog, { status: 'failed' }), ['recording-1'])
      assert.deepEqual(ids(catalog, { status: 'running' }), [])
      catalog.close()
    })
  })
})

function ids(catalog: Catalog, filters: RecordingFilters): string[] {
  const page = catalog.listRecordings({ limit: 10, filters })
  assert.ok(page)
  return page.rows.map(({ id }) => id)
}
