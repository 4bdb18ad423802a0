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

/** Writes part by part; reads that came meanwhile have their turn after each commit. */
function write(executor: Executor, group: readonly StoreRequest[]): void {
  const outcome = executor.write(group);
  const rest = group.slice(outcome.results.length);
  send({ ...outcome, isGroupDone: rest.length === 0 });
  if (rest.length > 0) setImmediate(write, executor, rest);
}

/** Between two parts of a group; all of them, as there are few. */
function writeFirst(executor: Executor, requests: readonly StoreRequest[]): void {
  for (let rest = requests; rest.length > 0; ) {
    const outcome = executor.write(rest);
    send({ ...outcome, isGroupDone: false });
    rest = rest.slice(outcome.results.length);
  }
}

function serve(db: Database): void {
  const executor = new Executor(new Connection(db));
  parentPort?.on("message", (message: ToWorker) => {
    if ("reads" in message) {
      const results = message.reads.map((request) => executor.read(request));
      send({ results, committed: [], isGroupDone: false });
    } else if ("first" in message) {
      writeFirst(executor, message.first);
    } else if ("writes" in message) {
      write(executor, message.writes);
    } else {
      db.close();
      parentPort?.close();
    }
  });
  send({ opened: true });
}

try {
  serve(openSqlite((workerData as WorkerSettings).file));
} catch (error) {
  send({ openFailure: toFailure(error) });
  parentPort?.close();
}
