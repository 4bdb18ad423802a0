// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { openDatastore } from "../src/index.ts";
import { Folder } from "./folder.ts";

const count = 10_000;
const now = new Date("2026-03-01T12:00:00Z");

describe("10,000 entries", () => {
  it("are created, read again after a restart, and found by parent and selector", async () => {
    using folder = new Folder();
    const options = { file: folder.file(), trustDomain: "example.org" };
    const times: Record<string, number> = {};
    const timed = async <T>(name: string, action: () => Promise<T>): Promise<T> => {
      const before = process.cpuUsage();
      const value = await action();
      const { user, system } = process.cpuUsage(before);
      times[name] = Math.round((user + system) / 1000);
      return value;
    };
    {
      await using store = await openDatastore(options);
      const entry = (n: number): Parameters<typeof store.entries.create>[0] => ({
        id: `entry-${n}`,
        spiffeId: `spiffe://example.org/workload/${n}`,
        parentId: `spiffe://example.org/spire/agent/${n % 100}`,
        selectors: ["uid:1000", `path:/usr/bin/${n}`].map((value) => ({ type: "unix", value })),
        x509SvidTtl: 0,
        jwtSvidTtl: 0,
        federatesWith: [],
        admin: false,
        downstream: false,
        expiresAt: 0,
        dnsNames: [],
        storeSvid: false,
        hint: "",
      });
      await timed("create", () =>
        Promise.all(Array.from({ length: count }, (_, n) => store.entries.create(entry(n), now))),
      );
    }
    const store = await timed("open", () => openDatastore(options));
    const before = process.memoryUsage.rss();
    const { items } = await timed("list", () => store.entries.list({}, { pageSize: 0 }));
    expect(items).toHaveLength(count);
    const parentId = "spiffe://example.org/spire/agent/7";
    expect((await timed("by parent", () => store.entries.list({ parentId }, { pageSize: 0 }))).items).toHaveLength(100);
    const selectors = { match: "superset" as const, selectors: [{ type: "unix", value: "path:/usr/bin/77" }] };
    expect(await timed("by selector", () => store.entries.count({ selectors }))).toBe(1);
    const rss = Math.round(process.memoryUsage.rss() / 2 ** 20);
    const grown = Math.round((process.memoryUsage.rss() - before) / 2 ** 20);
    console.log(`${count} entries, CPU ms:`, times, `RSS ${rss} MiB, ${grown} MiB more than before the list`);
    await store[Symbol.asyncDispose]();
  });
});
