// SPDX-License-Identifier: Apache-2.0
import { entryService, mayflyWorkloadService, workloadApiService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idMessage, nextOf, refusalOf, TestSystem, trustDomain, until, watchX509 } from "./system.ts";

describe("an agent that polls, as it does with a SPIRE server", () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await TestSystem.start({ agent: { sync: "poll", refusal_hold: "10s" } });
  });
  afterAll(() => system[Symbol.asyncDispose]());

  it("serves entries, tokens and bundles, and withdraws them", async () => {
    using channel = system.openWorkload();
    const stream = watchX509(channel, 60_000);
    const first = nextOf(stream);
    const id = await system.createEntry("/polled", { x509_svid_ttl: 60, dns_names: ["polled.example.org"] });
    expect((await first).svids.map(({ spiffe_id }) => spiffe_id)).toEqual(["spiffe://example.org/polled"]);
    const { svids } = await channel.unary(workloadApiService.methods.FetchJWTSVID, { audience: ["a"] });
    expect(svids).toHaveLength(1);
    const status = await channel.unary(mayflyWorkloadService.methods.GetAgentStatus, {});
    expect(status).toMatchObject({ sync_mode: "poll", synced: true, entries: 1 });
    await system.server.deleteEntry(id);
    expect((await refusalOf(nextOf(stream))).code).toBe(7);
  });

  it("takes sets of more than one page, and what changes in them", async () => {
    const entries = Array.from({ length: 1203 }, (_, index) => ({
      id: `many-${String(index).padStart(4, "0")}`,
      spiffe_id: { trust_domain: trustDomain, path: `/many/${index}` },
      parent_id: idMessage(system.agentId),
      selectors: [{ type: "unix", value: `uid:${4_000_000 + index}` }],
    }));
    for (let at = 0; at < entries.length; at += 500) {
      await system.server.admin.unary(entryService.methods.BatchCreateEntry, { entries: entries.slice(at, at + 500) });
    }
    using channel = system.openWorkload();
    const count = async (): Promise<number> =>
      (await channel.unary(mayflyWorkloadService.methods.GetAgentStatus, {})).entries;
    await until(async () => (await count()) === 1203, 20_000);
    const mine = [{ type: "unix", value: `uid:${process.getuid?.() ?? 0}` }];
    const change = { entries: [{ id: "many-0777", selectors: mine }], input_mask: { selectors: true } };
    const first = nextOf(watchX509(channel, 60_000));
    await system.server.admin.unary(entryService.methods.BatchUpdateEntry, change);
    expect((await first).svids.map(({ spiffe_id }) => spiffe_id)).toEqual(["spiffe://example.org/many/777"]);
    await system.server.admin.unary(entryService.methods.BatchDeleteEntry, {
      ids: entries.slice(0, 400).map(({ id }) => id),
    });
    await until(async () => (await count()) === 803, 20_000);
  });
});
