// SPDX-License-Identifier: Apache-2.0
import type { JoinToken, NewEntry } from "@mayfly/registration";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openDatastore } from "../src/index.ts";

const now = new Date("2026-03-01T12:00:00Z");
const memory = { file: ":memory:", trustDomain: "example.org" };

function entry(id: string, fields: Partial<NewEntry> = {}): NewEntry {
  return {
    id,
    spiffeId: `spiffe://example.org/${id}`,
    parentId: "spiffe://example.org/a",
    selectors: [{ type: "unix", value: "uid:1" }],
    x509SvidTtl: 0,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: 0,
    dnsNames: [],
    storeSvid: false,
    hint: "",
    ...fields,
  };
}

function token(hash: string): JoinToken {
  return { hash, expiresAt: 2e9, retryWithSameKey: false };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("group commit", () => {
  it("fails only the writer whose write is at fault", async () => {
    await using store = await openDatastore(memory);
    await store.entries.create(entry("taken"), now);
    const broken = entry("broken", { hint: null as unknown as string });
    const outcomes = await Promise.allSettled([
      store.entries.create(entry("one"), now),
      store.joinTokens.create(token("t"), { aliasEntry: entry("taken", { spiffeId: "spiffe://example.org/b" }), now }),
      store.entries.create(broken, now),
      store.entries.create(entry("two"), now),
      store.issuanceLog.append("a", Uint8Array.of(1), 1),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    for (const index of [1, 2]) expect(outcomes[index]).toHaveProperty("reason.code", "STORE_CONFLICT");
    expect(await store.entries.count({})).toBe(3);
    expect(await store.feed.revision()).toBe(3);
    expect(await store.joinTokens.create(token("t"))).toBe(true);
  });

  it("needs no timer: a lone write on an idle store starts at once", async () => {
    await using store = await openDatastore(memory);
    vi.useFakeTimers();
    expect(await store.issuanceLog.append("a", Uint8Array.of(1), 1)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("commits what comes while it is busy together", async () => {
    await using store = await openDatastore(memory);
    const turns: number[] = [];
    let turn = 0;
    store.feed.subscribe(() => {
      turns.push(turn);
      setImmediate(() => turn++);
    });
    await Promise.all(Array.from({ length: 400 }, (_, n) => store.entries.create(entry(`e-${n}`), now)));
    expect(turns).toHaveLength(400);
    // One message of the worker is one turn here, and one commit there.
    expect(new Set(turns).size).toBeLessThan(200);
  });

  it("answers reads while a long group is being written, and shows them nothing that the feed has not told", async () => {
    await using store = await openDatastore(memory);
    let told = 0;
    store.feed.subscribe(({ revision }) => {
      told = revision;
    });
    const writes = Array.from({ length: 400 }, (_, n) => store.entries.create(entry(`e-${n}`), now));
    const seen: number[] = [];
    const state = { isDone: false };
    const reading = async (): Promise<void> => {
      while (!state.isDone) {
        const count = await store.entries.count({});
        expect(count).toBe(told);
        seen.push(count);
      }
    };
    const reads = reading();
    await Promise.all(writes);
    state.isDone = true;
    await reads;
    expect(seen.some((count) => count > 0 && count < 400)).toBe(true);
  });

  it("finishes what was asked for before it closes, and refuses what comes after", async () => {
    const store = await openDatastore(memory);
    const writes = Array.from({ length: 1200 }, (_, n) => store.issuanceLog.append("a", Uint8Array.of(n & 255), 1));
    const closing = store[Symbol.asyncDispose]();
    await expect(store.entries.count({})).rejects.toHaveProperty("code", "STORE_CLOSED");
    expect((await Promise.all(writes)).at(-1)).toBe(1199);
    await closing;
    await store[Symbol.asyncDispose]();
    await expect(store.issuanceLog.append("a", Uint8Array.of(1), 1)).rejects.toHaveProperty("code", "STORE_CLOSED");
  });

  it("bounds how many wait", async () => {
    await using store = await openDatastore(memory);
    const requests = Array.from({ length: 20_100 }, () => store.feed.revision());
    const outcomes = await Promise.allSettled(requests);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(100);
    expect(refused[0]).toHaveProperty("reason.code", "STORE_UNAVAILABLE");
    expect(await store.feed.revision()).toBe(0);
  });

  it("fails for good when a listener throws, because memory is not what the store is any more", async () => {
    const store = await openDatastore(memory);
    const cause = new Error("listener");
    store.feed.subscribe(() => {
      throw cause;
    });
    const created = store.entries.create(entry("one"), now);
    await expect(created).rejects.toMatchObject({ code: "STORE_FAILED", cause });
    await expect(store.failed).rejects.toHaveProperty("cause", cause);
    await expect(store.entries.count({})).rejects.toHaveProperty("code", "STORE_FAILED");
    await store[Symbol.asyncDispose]();
  });
});
