// SPDX-License-Identifier: Apache-2.0
import { taskTables } from "./task-tables.ts";

/** One step of the schema. Never changed after a release: what follows it is a new step. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

const identityCore = `
CREATE TABLE revision (id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL) STRICT;
INSERT INTO revision (id, n) VALUES (1, 0);

CREATE TABLE bundles (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  trust_domain TEXT NOT NULL UNIQUE,
  x509_authorities TEXT NOT NULL,
  jwt_authorities TEXT NOT NULL,
  refresh_hint INTEGER NOT NULL,
  sequence_number TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  spiffe_id TEXT NOT NULL,
  parent_id TEXT NOT NULL,
  selector_set TEXT NOT NULL,
  x509_svid_ttl INTEGER NOT NULL,
  jwt_svid_ttl INTEGER NOT NULL,
  admin INTEGER NOT NULL,
  downstream INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revision_number INTEGER NOT NULL,
  store_svid INTEGER NOT NULL,
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_by_ids ON entries (spiffe_id, parent_id, selector_set);
CREATE INDEX entries_by_parent ON entries (parent_id);
CREATE INDEX entries_by_end ON entries (expires_at) WHERE expires_at <> 0;

CREATE TABLE entry_selectors (
  owner INTEGER NOT NULL REFERENCES entries (row_id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  type TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, type, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_selectors_by_value ON entry_selectors (type, value);

CREATE TABLE entry_dns_names (
  owner INTEGER NOT NULL REFERENCES entries (row_id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry_federation (
  owner INTEGER NOT NULL REFERENCES entries (row_id) ON DELETE CASCADE,
  trust_domain TEXT NOT NULL REFERENCES bundles (trust_domain),
  PRIMARY KEY (owner, trust_domain)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_federation_by_trust_domain ON entry_federation (trust_domain);

CREATE TABLE nodes (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  attestation_type TEXT NOT NULL,
  serial_number TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  new_serial_number TEXT NOT NULL,
  new_expires_at INTEGER NOT NULL,
  can_reattest INTEGER NOT NULL,
  agent_version TEXT NOT NULL
) STRICT;
CREATE INDEX nodes_by_end ON nodes (expires_at);

CREATE TABLE node_selectors (
  owner INTEGER NOT NULL REFERENCES nodes (row_id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  type TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (owner, type, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX node_selectors_by_value ON node_selectors (type, value);

CREATE TABLE join_tokens (
  hash TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL,
  agent_path TEXT,
  retry_with_same_key INTEGER NOT NULL,
  used_by_key TEXT,
  uses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX join_tokens_by_end ON join_tokens (expires_at);

CREATE TABLE authority_versions (kind TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO authority_versions (kind, version) VALUES ('x509', 0), ('jwt', 0);

CREATE TABLE authorities (
  kind TEXT NOT NULL REFERENCES authority_versions (kind),
  position INTEGER NOT NULL,
  id TEXT NOT NULL,
  slot TEXT NOT NULL,
  key_ref TEXT NOT NULL,
  public_key BLOB NOT NULL,
  certificate BLOB,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  tainted INTEGER NOT NULL,
  revoked INTEGER NOT NULL,
  PRIMARY KEY (kind, position),
  UNIQUE (kind, id)
) STRICT;

CREATE TABLE issuance_log (
  authority_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  batch BLOB NOT NULL,
  count INTEGER NOT NULL CHECK (count > 0),
  UNIQUE (authority_id, position)
) STRICT;
`;

/** In order; the position of a step, counted from 1, is the version that it leaves. */
export const migrations: readonly Migration[] = [
  { name: "identity core", sql: identityCore },
  { name: "tasks and the record", sql: taskTables },
];
