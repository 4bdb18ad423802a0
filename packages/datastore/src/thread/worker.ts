// SPDX-License-Identifier: Apache-2.0
import { parentPort, workerData } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { Connection } from "../sqlite/connection.ts";
import { Executor } from "../sqlite/executor.ts";
import { toFailure } from "../sqlite/failure.ts";
import { openSqlite } from "../sqlite/open.ts";
import type { FromWorker, StoreRequest, ToWorker, WorkerSettings } from "./protocol.ts";

// The one thread that has the database open.

function send(message: FromWorker): void {
  parentPort?.postMessage(message, []);
}

function run(executor: Executor, group: readonly StoreRequest[]): void {
  const reads = group.filter(({ kind }) => kind === "read");
  const writes = group.filter(({ kind }) => kind === "write");
  if (reads.length > 0) {
    const results = reads.map((request) => executor.read(request));
    send({ results, committed: [], done: writes.length === 0 });
  }
  if (writes.length > 0) send({ ...executor.write(writes), done: true });
}

function serve(db: Database): void {
  const executor = new Executor(new Connection(db));
  parentPort?.on("message", (message: ToWorker) => {
    if ("group" in message) {
      run(executor, message.group);
      return;
    }
    db.close();
    parentPort?.close();
  });
  send({ opened: true });
}

try {
  serve(openSqlite((workerData as WorkerSettings).file));
} catch (error) {
  send({ openFailure: toFailure(error) });
  parentPort?.close();
}
