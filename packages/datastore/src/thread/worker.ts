// SPDX-License-Identifier: Apache-2.0
import { parentPort, workerData } from "node:worker_threads";
import type { Database } from "better-sqlite3";
import { Connection } from "../sqlite/connection.ts";
import { Executor } from "../sqlite/executor.ts";
import { toFailure } from "../sqlite/failure.ts";
import { openSqlite } from "../sqlite/open.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "./protocol.ts";
import { WriteQueue } from "./write-queue.ts";

// The one thread that has the database open.

function send(message: FromWorker): void {
  parentPort?.postMessage(message, []);
}

function serve(db: Database): void {
  const executor = new Executor(new Connection(db));
  const writes = new WriteQueue(executor, send);
  parentPort?.on("message", (message: ToWorker) => {
    if ("reads" in message) {
      const results = message.reads.map((request) => executor.read(request));
      send({ results, committed: [], isGroupDone: false });
    } else if ("first" in message) {
      writes.addFirst(message.first);
    } else if ("writes" in message) {
      writes.add(message.writes);
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
