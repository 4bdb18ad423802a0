// SPDX-License-Identifier: Apache-2.0
import { type Datastore, openDatastore } from "@mayfly/datastore";
import { silentLogger } from "@mayfly/telemetry";
import { describe, expect, it } from "vitest";
import { systemClock } from "../src/clock.ts";
import { runPruning } from "../src/prune.ts";

async function withEndedEntry(): Promise<Datastore> {
  const datastore = await openDatastore({ file: ":memory:", trustDomain: "example.org" });
  const now = new Date();
  await datastore.entries.create(
    {
      id: "ended",
      spiffeId: "spiffe://example.org/ended",
      parentId: "spiffe://example.org/node",
      selectors: [{ type: "unix", value: "uid:1" }],
      x509SvidTtl: 0,
      jwtSvidTtl: 0,
      federatesWith: [],
      admin: false,
      downstream: false,
      expiresAt: Math.floor(now.getTime() / 1000) - 60,
      dnsNames: [],
      storeSvid: false,
      hint: "",
    },
    now,
  );
  return datastore;
}

/** Starts the pruning, waits for `until`, and ends it. */
async function pruned(datastore: Datastore, clockIsBelieved: () => boolean, until: () => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const { entries, joinTokens: tokens } = datastore;
  const deps = { entries, tokens, clock: systemClock, clockIsBelieved, logger: silentLogger };
  const running = runPruning(deps, controller.signal);
  await until();
  controller.abort();
  await running;
}

describe("pruning", () => {
  it("deletes an entry that has ended", async () => {
    await using datastore = await withEndedEntry();
    const gone = (): Promise<void> => expect.poll(() => datastore.entries.count({})).toBe(0);
    await pruned(datastore, () => true, gone);
  });

  it("deletes nothing by a clock that is not believed: it may step back", async () => {
    await using datastore = await withEndedEntry();
    let asked = 0;
    const clockIsBelieved = (): boolean => {
      asked += 1;
      return false;
    };
    await pruned(datastore, clockIsBelieved, () => expect.poll(() => asked).toBeGreaterThan(0));
    expect(await datastore.entries.count({})).toBe(1);
  });
});
