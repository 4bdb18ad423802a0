// SPDX-License-Identifier: Apache-2.0

/** Second step of the schema: tasks and what hangs on them, and the record. Never changed after a release. */
export const taskTables: string = `
CREATE TABLE profiles (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  backup TEXT,
  tier TEXT NOT NULL,
  ceiling TEXT NOT NULL,
  selectors TEXT NOT NULL,
  parent_id TEXT,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'retired')),
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operators (
  name TEXT PRIMARY KEY,
  aliases TEXT NOT NULL,
  spiffe_ids TEXT NOT NULL,
  keys TEXT NOT NULL,
  roles TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'removed')),
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  parent_id TEXT REFERENCES tasks (id),
  root_id TEXT NOT NULL,
  depth INTEGER NOT NULL,
  agent TEXT NOT NULL REFERENCES profiles (name),
  owner TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  tier TEXT NOT NULL,
  scope TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('proposed', 'active', 'suspended', 'ending', 'ended')),
  reason TEXT,
  holds TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  entry_id TEXT NOT NULL UNIQUE,
  identity TEXT NOT NULL,
  ended_at INTEGER,
  revision INTEGER NOT NULL,
  CHECK ((ended_at IS NOT NULL) = (state = 'ended')),
  CHECK ((reason IS NULL) = (state IN ('proposed', 'active', 'suspended')))
) STRICT;
CREATE INDEX tasks_by_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_by_agent ON tasks (agent, state);
CREATE INDEX tasks_by_end ON tasks (not_after) WHERE state <> 'ended';
CREATE INDEX tasks_ended ON tasks (ended_at) WHERE state = 'ended';

CREATE TABLE tickets (
  hash TEXT PRIMARY KEY,
  task_id TEXT NOT NULL REFERENCES tasks (id),
  expires_at INTEGER NOT NULL,
  shown_by TEXT,
  shown_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_by_end ON tickets (expires_at);
CREATE INDEX tickets_by_task ON tickets (task_id);

CREATE TABLE grants (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  task_id TEXT NOT NULL REFERENCES tasks (id),
  kind TEXT NOT NULL CHECK (kind IN ('entry', 'token-key', 'lease', 'connection', 'approval')),
  guard TEXT NOT NULL,
  ref TEXT NOT NULL,
  not_after INTEGER NOT NULL,
  renewable INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('live', 'ending', 'gone')),
  evidence TEXT,
  problem TEXT,
  revision INTEGER NOT NULL,
  CHECK (state <> 'gone' OR evidence IS NOT NULL)
) STRICT;
CREATE INDEX grants_by_task ON grants (task_id);
CREATE INDEX grants_by_guard ON grants (guard) WHERE state <> 'gone';

CREATE TABLE approvals (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  task_id TEXT NOT NULL REFERENCES tasks (id),
  nonce TEXT NOT NULL UNIQUE,
  not_after INTEGER NOT NULL,
  request TEXT NOT NULL,
  arguments TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'consumed', 'expired', 'void')),
  votes TEXT NOT NULL,
  consumed_by TEXT UNIQUE,
  revision INTEGER NOT NULL,
  CHECK ((state = 'consumed') = (consumed_by IS NOT NULL))
) STRICT;
CREATE INDEX approvals_by_task ON approvals (task_id);
CREATE INDEX approvals_open ON approvals (not_after) WHERE state IN ('pending', 'approved');

CREATE TABLE budget_counters (
  task_id TEXT NOT NULL REFERENCES tasks (id),
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  calls INTEGER NOT NULL CHECK (calls > 0),
  PRIMARY KEY (task_id, server, tool)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  task_id TEXT NOT NULL REFERENCES tasks (id),
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  guard TEXT NOT NULL,
  approval_id TEXT REFERENCES approvals (id),
  begun_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('begun', 'done', 'failed', 'unknown')),
  finished_at INTEGER,
  detail TEXT NOT NULL,
  CHECK ((state = 'begun') = (finished_at IS NULL))
) STRICT;
CREATE INDEX calls_by_task ON calls (task_id);
CREATE INDEX calls_by_approval ON calls (approval_id) WHERE approval_id IS NOT NULL;
CREATE INDEX calls_open ON calls (guard) WHERE state = 'begun';

CREATE TABLE leases (
  id TEXT PRIMARY KEY REFERENCES grants (id),
  call_id TEXT NOT NULL REFERENCES calls (id),
  target TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('brokered', 'leased')),
  account TEXT NOT NULL,
  holder TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  issued INTEGER NOT NULL,
  UNIQUE (target, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_by_call ON leases (call_id);

CREATE TABLE unmanaged_accounts (
  target TEXT NOT NULL,
  account TEXT NOT NULL,
  last_activity INTEGER,
  can_login INTEGER NOT NULL,
  legacy INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  owner TEXT,
  expires_at INTEGER,
  adopted_by TEXT,
  rotated_at INTEGER,
  order_id TEXT,
  order_kind TEXT,
  order_verifier TEXT,
  ordered_at INTEGER,
  order_problem TEXT,
  PRIMARY KEY (target, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE pinned_tools (
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  digest TEXT NOT NULL,
  definition TEXT NOT NULL,
  seen_digest TEXT NOT NULL,
  seen_definition TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pinned', 'quarantined')),
  pinned_by TEXT NOT NULL,
  pinned_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (server, tool)
) STRICT, WITHOUT ROWID;

CREATE TABLE record_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL,
  checkpoint TEXT
) STRICT;
INSERT INTO record_state (id, size) VALUES (1, 0);

CREATE TABLE record_entries (
  position INTEGER PRIMARY KEY,
  entry BLOB NOT NULL,
  record_id TEXT,
  task_id TEXT
) STRICT;
CREATE INDEX record_entries_by_id ON record_entries (record_id) WHERE record_id IS NOT NULL;
CREATE INDEX record_entries_by_task ON record_entries (task_id) WHERE task_id IS NOT NULL;

CREATE TABLE record_tiles (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, position)
) STRICT;
`;
