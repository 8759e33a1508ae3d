import { SelfhealError } from "../../domain/errors.ts";
import type { Sqlite } from "./sqlite.ts";

/**
 * Steps of the schema, oldest first. The number of a step is its position in the list, from 1. A released step is never
 * edited.
 */
const MIGRATIONS: readonly string[] = [
  `
  -- One row an Event for as long as it is remembered: spool, idempotency key and occurrence in one.
  -- issue_id NULL: not digested. payload NULL: digested, and not a sample. sample: 0 no, 1 for good, 2 only while it is the latest.
  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    event_id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    release TEXT,
    issue_id TEXT REFERENCES issues (id),
    sample INTEGER NOT NULL DEFAULT 0,
    payload TEXT,
    UNIQUE (project, event_id)
  );
  CREATE INDEX events_undigested ON events (sequence) WHERE issue_id IS NULL;
  CREATE INDEX events_of_issue ON events (issue_id, received_at, release) WHERE issue_id IS NOT NULL;
  CREATE INDEX events_samples ON events (issue_id, received_at) WHERE sample > 0;

  CREATE TABLE issues (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    project TEXT GENERATED ALWAYS AS (json ->> '$.project') VIRTUAL,
    service TEXT GENERATED ALWAYS AS (json ->> '$.service') VIRTUAL,
    last_seen INTEGER GENERATED ALWAYS AS (json ->> '$.lastSeen') VIRTUAL
  );
  CREATE INDEX issues_recent ON issues (last_seen);

  CREATE TABLE debounce_windows (
    project TEXT NOT NULL,
    service TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (project, service)
  );

  CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    state TEXT GENERATED ALWAYS AS (json ->> '$.state') VIRTUAL,
    closed_at INTEGER GENERATED ALWAYS AS (json ->> '$.closedAt') VIRTUAL
  );
  CREATE INDEX batches_unstarted ON batches (closed_at) WHERE state = 'closed';

  -- The two unique indexes hold the journal's rules even against a program that is wrong.
  CREATE TABLE deployments (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    key TEXT GENERATED ALWAYS AS (json ->> '$.key') VIRTUAL,
    service TEXT GENERATED ALWAYS AS (json ->> '$.service') VIRTUAL,
    state TEXT GENERATED ALWAYS AS (json ->> '$.state') VIRTUAL,
    auto INTEGER GENERATED ALWAYS AS (json ->> '$.auto') VIRTUAL,
    intended_at INTEGER GENERATED ALWAYS AS (json ->> '$.intendedAt') VIRTUAL,
    settled_at INTEGER GENERATED ALWAYS AS (json ->> '$.settledAt') VIRTUAL,
    fencing_token INTEGER GENERATED ALWAYS AS (json ->> '$.fencingToken') VIRTUAL
  );
  CREATE UNIQUE INDEX deployments_key ON deployments (key);
  CREATE UNIQUE INDEX deployments_one_in_flight ON deployments (service) WHERE state IN ('intended', 'unknown');
  CREATE UNIQUE INDEX deployments_token ON deployments (fencing_token);
  CREATE INDEX deployments_settled ON deployments (service, state, settled_at);

  -- json: the entry without its hash, canonical; hash: SHA-256 of exactly that text.
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    json TEXT NOT NULL,
    hash TEXT NOT NULL,
    ticket_id TEXT GENERATED ALWAYS AS (json ->> '$.ticketId') VIRTUAL
  );
  CREATE INDEX audit_of_ticket ON audit (ticket_id, sequence);
  -- Also against INSERT OR REPLACE, which deletes without telling the trigger for DELETE.
  CREATE TRIGGER audit_at_the_end BEFORE INSERT ON audit
    WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

  CREATE TABLE wake_ups (
    ticket_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, kind)
  );
  CREATE INDEX wake_ups_due ON wake_ups (due_at);

  CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  );

  -- Not WITHOUT ROWID: the row order is the insertion order, which the API's unsorted listings show.
  CREATE TABLE api_entries (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (kind, key)
  );

  -- Runs that a process left in the middle; newest_row: the newest row of api_entries when that was noticed.
  CREATE TABLE api_left_runs (
    run_id TEXT PRIMARY KEY,
    newest_row INTEGER NOT NULL
  );
  `,
  `
  -- A row stays when its lease ended: the next token must be newer. expires_at 0: it was seen to have ended.
  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    token INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  );

  CREATE TABLE suppressions (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    issue_id TEXT GENERATED ALWAYS AS (json ->> '$.issueId') VIRTUAL,
    expires_at INTEGER GENERATED ALWAYS AS (json ->> '$.expiresAt') VIRTUAL
  );
  CREATE INDEX suppressions_of_issue ON suppressions (issue_id, expires_at);

  -- One row a message and channel. due_at NULL: done (sent, or given up).
  CREATE TABLE outbox (
    key TEXT NOT NULL,
    channel TEXT NOT NULL,
    json TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    error TEXT,
    PRIMARY KEY (key, channel)
  );
  CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX outbox_sent ON outbox (channel, sent_at) WHERE sent_at IS NOT NULL;

  CREATE TABLE track_record (
    ticket_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    patch_digest TEXT NOT NULL,
    json TEXT NOT NULL,
    service TEXT GENERATED ALWAYS AS (json ->> '$.service') VIRTUAL,
    error_class TEXT GENERATED ALWAYS AS (json ->> '$.errorClass') VIRTUAL,
    at INTEGER GENERATED ALWAYS AS (json ->> '$.at') VIRTUAL,
    PRIMARY KEY (ticket_id, outcome, patch_digest)
  );
  CREATE INDEX track_record_of ON track_record (service, error_class, at);

  CREATE TABLE spend (
    sequence INTEGER PRIMARY KEY,
    ticket_id TEXT NOT NULL,
    service TEXT NOT NULL,
    at INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    usd REAL,
    json TEXT NOT NULL
  );
  CREATE INDEX spend_of_ticket ON spend (ticket_id);
  CREATE INDEX spend_since ON spend (at, service);
  `,
  `
  -- tries: how often digesting it failed. set_aside: why it never will be digested, so that it is in nobody's way.
  ALTER TABLE events ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE events ADD COLUMN set_aside TEXT;
  DROP INDEX events_undigested;
  CREATE INDEX events_undigested ON events (tries, sequence) WHERE issue_id IS NULL AND set_aside IS NULL;
  CREATE INDEX events_set_aside ON events (sequence) WHERE set_aside IS NOT NULL;

  -- What became of Events: sums a UTC day (counted from 1970).
  CREATE TABLE ingest_counts (
    day INTEGER NOT NULL,
    project TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (day, project, outcome, reason)
  ) WITHOUT ROWID;

  -- Signed requests that were taken, for as long as their signature is good.
  CREATE TABLE deliveries (
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (key_id, id)
  ) WITHOUT ROWID;
  CREATE INDEX deliveries_old ON deliveries (at);
  `,
  // json is NULL after the Lesson was forgotten. The row stays, so that the Lesson is not learned again.
  `
  CREATE TABLE lessons (
    id TEXT PRIMARY KEY,
    json TEXT,
    service TEXT GENERATED ALWAYS AS (json ->> '$.service') VIRTUAL,
    at INTEGER GENERATED ALWAYS AS (json ->> '$.at') VIRTUAL
  );
  CREATE INDEX lessons_of ON lessons (service, at);
  `,
  `
  -- What changed in the ticket book since tickets.json was written. A sequence is never given twice: a fold takes away
  -- what is up to one.
  CREATE TABLE ticket_changes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, json TEXT NOT NULL);
  `,
  `
  -- Events of an Issue a minute (counted from 1970): what is left of a storm when its rows are gone.
  CREATE TABLE issue_minutes (
    issue_id TEXT NOT NULL,
    minute INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (issue_id, minute)
  );
  CREATE INDEX issue_minutes_old ON issue_minutes (minute);

  -- What each release had of an Issue. Of Events from before this table it tells nothing.
  CREATE TABLE issue_releases (
    issue_id TEXT NOT NULL,
    release TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (issue_id, release)
  );
  `,
  `
  -- Uploaded source maps, a row a built file; their texts are blobs.
  CREATE TABLE source_maps (
    project TEXT NOT NULL,
    release TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    debug_id TEXT,
    uploaded_at INTEGER NOT NULL,
    fault TEXT,
    PRIMARY KEY (project, release, file)
  );
  CREATE INDEX source_maps_by_debug_id ON source_maps (project, debug_id) WHERE debug_id IS NOT NULL;
  CREATE INDEX source_maps_by_digest ON source_maps (digest);
  -- Retention asks when a release was last seen.
  CREATE INDEX issue_releases_by_release ON issue_releases (release, last_seen);
  `,
  // Rules that people taught about Issues.
  `
  CREATE TABLE taught_rules (id TEXT PRIMARY KEY, json TEXT NOT NULL);
  `,
  // Which Issues happened in which distributed trace. Only Events that are kept as permanent samples have a row.
  `
  CREATE TABLE trace_events (
    project TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    issue_id TEXT NOT NULL,
    service TEXT NOT NULL,
    span_id TEXT,
    parent_span_id TEXT,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    tier TEXT NOT NULL,
    PRIMARY KEY (project, trace_id, event_id)
  );
  CREATE INDEX trace_events_of_issue ON trace_events (issue_id, received_at);
  CREATE INDEX trace_events_old ON trace_events (received_at);
  `,
  // Named users, and the hashes of their tokens. A token of a removed user stays, revoked.
  `
  CREATE TABLE users (name TEXT PRIMARY KEY, json TEXT NOT NULL);
  CREATE TABLE user_tokens (id TEXT PRIMARY KEY, user_name TEXT NOT NULL, json TEXT NOT NULL);
  CREATE INDEX user_tokens_of_user ON user_tokens (user_name);
  `,
];

/**
 * Migrates the file to the newest schema, each step in its own transaction. Throws SelfhealError `storage` if a newer
 * selfheal wrote the file.
 */
export function migrate(sqlite: Sqlite, migrations: readonly string[] = MIGRATIONS): void {
  const at = Number(sqlite.pragma("user_version", { simple: true }));
  if (at > migrations.length) {
    throw new SelfhealError(
      "storage",
      `${sqlite.name} has schema ${at}, this selfheal knows up to ${migrations.length}: start a newer selfheal on it`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < at) continue;
    sqlite
      .transaction(() => {
        sqlite.exec(sql);
        sqlite.pragma(`user_version = ${index + 1}`);
      })
      .exclusive();
  }
}
