// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { withFirstMessage } from "./first-message.ts";

async function* streamOf(...messages: readonly number[]): AsyncGenerator<number, void, undefined> {
  for (const message of messages) yield await Promise.resolve(message);
}

function silent(signal: AbortSignal): AsyncIterable<number> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    }),
  };
}

it("gives up a stream that says nothing in time", async () => {
  const stream = withFirstMessage(silent, { timeoutMs: 5, signal: undefined });
  await expect(stream.next()).rejects.toMatchObject({ code: "UNAVAILABLE" });
});

it("passes the signal's reason on", async () => {
  const abort = new AbortController();
  const reason = new Error("stop");
  const next = withFirstMessage(silent, { timeoutMs: 60_000, signal: abort.signal }).next();
  abort.abort(reason);
  await expect(next).rejects.toBe(reason);
});

it("leaves nothing on a signal that outlives many streams", async () => {
  const { signal } = new AbortController();
  for (let count = 0; count < 100; count++) {
    const seen: number[] = [];
    for await (const message of withFirstMessage(() => streamOf(1, 2), { timeoutMs: 60_000, signal }))
      seen.push(message);
    expect(seen).toEqual([1, 2]);
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
