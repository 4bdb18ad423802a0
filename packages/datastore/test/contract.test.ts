// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  contractTrustDomain as trustDomain,
  datastoreContract,
  guardStoresContract,
  logStoreContract,
  taskStoresContract,
} from "@mayfly/testkit";
import { afterAll, describe } from "vitest";
import { type Datastore, openDatastore } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "mayfly-contract-"));
let files = 0;
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Opens the stores of the next test while one runs: loading the worker takes most of the time. */
function openedAhead(open: () => Promise<Datastore>): () => Promise<Datastore> {
  let next: Promise<Datastore> | undefined;
  afterAll(async () => (await next)?.[Symbol.asyncDispose]());
  return () => {
    const current = next ?? open();
    next = open();
    return current;
  };
}

describe("SQLite in memory", () => {
  const open = openedAhead(() => openDatastore({ file: ":memory:", trustDomain }));
  datastoreContract(open);
  taskStoresContract(open);
  guardStoresContract(open);
  logStoreContract(open);
});

describe("SQLite in a file", () => {
  const open = openedAhead(() => openDatastore({ file: join(folder, `${files++}.db`), trustDomain }));
  datastoreContract(open);
  taskStoresContract(open);
  guardStoresContract(open);
  logStoreContract(open);
});
