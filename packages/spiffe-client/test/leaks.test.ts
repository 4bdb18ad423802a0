// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { expect, it } from "vitest";
import { X509Source } from "../src/sources/x509-source.ts";
import { WorkloadApiClient } from "../src/workload-api/workload-api-client.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const own = TestCa.create();
const crls = [own.revocationList([own.issue("/revoked")])];
const states = ["/even", "/odd"].map((path) => ({ svids: [{ ca: own, path, identity: own.issue(path) }], crls }));

/** What the process holds, bytes. */
async function heldBytes(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it("10,000 updates leave nothing behind, neither in the source nor in those who follow it", async () => {
  await using api = await FakeWorkloadApi.start();
  const push = (index: number): void => {
    const state = states[index % 2];
    if (state !== undefined) api.pushX509(state);
  };
  push(0);
  await using source = await X509Source.open({ address: api.address });
  const abort = new AbortController();
  const follower = source.updates({ signal: abort.signal })[Symbol.asyncIterator]();
  await follower.next();
  const update = async (index: number): Promise<void> => {
    const next = follower.next();
    push(index);
    await next;
    void source.svid;
    void source.revocations.size;
    // One that looks once and goes.
    for await (const _context of source.updates({ signal: abort.signal })) break;
  };
  let index = 1;
  while (index < 1500) await update(index++);
  const before = await heldBytes();
  while (index < 11_500) await update(index++);
  const grown = (await heldBytes()) - before;
  expect(getEventListeners(abort.signal, "abort").length).toBe(0);
  expect(api.calls).toHaveLength(1);
  // 100 bytes for an update would be 1 MB.
  expect(grown).toBeLessThan(1_000_000);
}, 120_000);

it("a thousand readers that stop while they wait leave no listener on the signal", async () => {
  await using api = await FakeWorkloadApi.start();
  api.pushX509({ svids: [{ ca: own }] });
  const abort = new AbortController();
  await using source = await X509Source.open({ address: api.address, signal: abort.signal });
  expect(getEventListeners(abort.signal, "abort").length).toBe(0);
  const waiting = Array.from({ length: 1000 }, async () => {
    const updates = source.updates({ signal: abort.signal })[Symbol.asyncIterator]();
    await updates.next();
    const next = updates.next();
    await updates.return?.();
    return (await next).done;
  });
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]));
  expect(getEventListeners(abort.signal, "abort").length).toBe(0);
});

it("a thousand watches leave no listener on the signal that they share", async () => {
  await using api = await FakeWorkloadApi.start();
  api.pushX509({ svids: [{ ca: own }] });
  using client = WorkloadApiClient.open({ address: api.address });
  const { signal } = new AbortController();
  for (let count = 0; count < 1000; count++) for await (const _context of client.watchX509Context({ signal })) break;
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(api.calls).toHaveLength(1000);
});
