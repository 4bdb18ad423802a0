// SPDX-License-Identifier: Apache-2.0
import type { Database } from "better-sqlite3";
import { OperationError } from "./failure.ts";
import { type Migration, migrations } from "./migrations.ts";

/** "MFLY": marks the file as ours. */
const applicationId = 0x4d46_4c59;

function isEmpty(db: Database): boolean {
  return db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0;
}

/**
 * Brings the schema to the last version, each step in one transaction with its version number, so that a process killed in between goes on where
 * it stopped. Never backwards.
 * @throws {OperationError} STORE_SCHEMA_NEWER, STORE_FOREIGN
 */
export function migrate(db: Database, steps: readonly Migration[] = migrations): void {
  const marked = db.pragma("application_id", { simple: true });
  if (marked !== applicationId && !(marked === 0 && isEmpty(db))) {
    throw new OperationError("STORE_FOREIGN", "the file is a database of some other program");
  }
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > steps.length) {
    const versions = `the database has schema ${version}, this version knows ${steps.length}`;
    throw new OperationError(
      "STORE_SCHEMA_NEWER",
      `${versions}: run the newer version, or restore a backup from before it`,
    );
  }
  for (const [index, { sql }] of steps.entries()) {
    if (index < version) continue;
    const step = db.transaction(() => {
      db.exec(sql);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${index + 1}`);
    });
    step.immediate();
  }
}
