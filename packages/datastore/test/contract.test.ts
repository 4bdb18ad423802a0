// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractTrustDomain as trustDomain, datastoreContract, type OpenStores, type Stores } from "@mayfly/testkit";
import { afterAll, describe } from "vitest";
import { openDatastore } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "mayfly-contract-"));
let files = 0;
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Opens the stores of the next test while one runs: loading the worker takes most of the time. */
function openedAhead(open: OpenStores): OpenStores {
  let next: Promise<Stores> | undefined;
  afterAll(async () => (await next)?.[Symbol.asyncDispose]());
  return () => {
    const current = next ?? open();
    next = open();
    return current;
  };
}

describe("SQLite in memory", () => {
  datastoreContract(openedAhead(() => openDatastore({ file: ":memory:", trustDomain })));
});

describe("SQLite in a file", () => {
  datastoreContract(openedAhead(() => openDatastore({ file: join(folder, `${files++}.db`), trustDomain })));
});
