/**
 * The second version: recordings get a number, so that what refers to them is small, and tables by
 * which they are found. `facets` names each property once and `postings` lists the recordings that
 * have it; `spans` knows which were running at a moment; `endings` is the order in which they ended.
 */
export const FINDABLE = `
  ALTER TABLE recordings RENAME TO old_recordings;
  ALTER TABLE channels RENAME TO old_channels;
  ALTER TABLE commands RENAME TO old_commands;
  DROP INDEX recordings_by_start;
  DROP INDEX recordings_running;
  DROP INDEX commands_of_recording;
  CREATE TABLE recordings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    status TEXT NOT NULL CHECK (status IN ('running', 'ended', 'interrupted', 'failed')),
    identity TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    login TEXT NOT NULL,
    target TEXT NOT NULL,
    client_address TEXT NOT NULL,
    entry TEXT NOT NULL,
    bytes INTEGER NOT NULL DEFAULT 0,
    commands INTEGER NOT NULL DEFAULT 0,
    denied INTEGER NOT NULL DEFAULT 0,
    claims TEXT NOT NULL
  ) STRICT;
  CREATE INDEX recordings_by_start ON recordings (started_at, number);
  CREATE INDEX recordings_running ON recordings (id) WHERE status = 'running';
  CREATE TABLE channels (
    recording INTEGER NOT NULL REFERENCES recordings (number) ON DELETE CASCADE,
    channel INTEGER NOT NULL,
    kind TEXT NOT NULL,
    activity TEXT NOT NULL,
    cast_file TEXT NOT NULL,
    command TEXT,
    pty INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    exit_status INTEGER,
    exit_signal TEXT,
    bytes INTEGER NOT NULL DEFAULT 0,
    truncated INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (recording, channel)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    recording INTEGER NOT NULL REFERENCES recordings (number) ON DELETE CASCADE,
    channel INTEGER NOT NULL,
    at INTEGER NOT NULL,
    offset REAL NOT NULL,
    text TEXT NOT NULL,
    effect TEXT NOT NULL CHECK (effect IN ('allow', 'deny')),
    rule TEXT NOT NULL,
    argv TEXT NOT NULL,
    message TEXT,
    judged INTEGER NOT NULL,
    held INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX commands_of_recording ON commands (recording, number);
  CREATE TABLE facets (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (name, value)
  ) STRICT;
  CREATE TABLE postings (
    facet INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (facet, started_at, number)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE spans USING rtree_i32 (number, first, last);
  CREATE TABLE endings (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    recording INTEGER NOT NULL REFERENCES recordings (number) ON DELETE CASCADE
  ) STRICT;

  INSERT INTO recordings (id, started_at, ended_at, status, identity, issuer, subject, login,
      target, client_address, entry, bytes, commands, denied, claims)
    SELECT id, started_at, ended_at, status, identity, issuer, subject, login,
      target, client_address, entry, bytes, commands, denied, claims
    FROM old_recordings ORDER BY started_at, id;
  INSERT INTO channels
    SELECT r.number, c.channel, c.kind, c.kind, c.cast_file, c.command, c.pty, c.started_at,
      c.ended_at, c.exit_status, c.exit_signal, c.bytes, c.truncated
    FROM old_channels c JOIN recordings r ON r.id = c.recording;
  INSERT INTO commands
    SELECT c.number, r.number, c.channel, c.at, c.offset, c.text, c.effect, c.rule, c.argv,
      c.message, c.judged, 0
    FROM old_commands c JOIN recordings r ON r.id = c.recording;
  DROP TABLE old_commands;
  DROP TABLE old_channels;
  DROP TABLE old_recordings;

  CREATE TEMP TABLE found AS
    SELECT number AS recording, 'agent' AS name, identity AS value FROM recordings
    UNION ALL SELECT number, 'target', target FROM recordings
    UNION ALL SELECT number, 'login', login FROM recordings
    UNION ALL SELECT number, 'status', status FROM recordings
    UNION ALL SELECT r.number, 'claim.' || c.key, CAST(c.atom AS TEXT)
      FROM recordings r, json_each(r.claims) c WHERE c.type IN ('text', 'integer')
    UNION ALL SELECT r.number, 'claim.' || c.key, c.type
      FROM recordings r, json_each(r.claims) c WHERE c.type IN ('true', 'false')
    UNION ALL SELECT recording, 'kind', activity FROM channels
    UNION ALL SELECT recording, 'exit', CAST(exit_status AS TEXT) FROM channels
      WHERE exit_status IS NOT NULL
    UNION ALL SELECT recording, 'exit', 'signal' FROM channels WHERE exit_signal IS NOT NULL
    UNION ALL SELECT recording, 'exit', 'failed' FROM channels
      WHERE exit_signal IS NOT NULL OR coalesce(exit_status, 0) <> 0
    UNION ALL SELECT c.recording, 'rule', trim(e.value) FROM commands c,
      json_each('[' || replace(json_quote(c.rule), ',', '","') || ']') e
    UNION ALL SELECT recording, 'decision', CASE WHEN effect = 'deny' THEN 'denied'
      WHEN judged = 1 THEN 'allowed' ELSE 'not-judged' END FROM commands;
  INSERT INTO facets (name, value) SELECT DISTINCT name, value FROM found WHERE length(value) <= 512;
  INSERT INTO postings
    SELECT f.number, r.started_at, r.number FROM found
    JOIN facets f ON f.name = found.name AND f.value = found.value
    JOIN recordings r ON r.number = found.recording
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
  DROP TABLE found;
  INSERT INTO spans SELECT number,
      max(min(started_at / 1000 - 2750000000, 2147483647), -2147483648),
      max(min(coalesce(ended_at, CASE status WHEN 'running' THEN 99999999999999 END, started_at)
        / 1000 - 2750000000, 2147483647), -2147483648)
    FROM recordings;
  INSERT INTO endings (recording)
    SELECT number FROM recordings WHERE status <> 'running' ORDER BY number;
`
