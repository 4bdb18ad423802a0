// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

it("repeats at once, then waits 100 ms and twice as long each time, 5 s at most, and begins again after reset", () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 10 }, () => backoff.next(0, 0));
  expect(waits).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  backoff.reset();
  expect([backoff.next(0, 1000), backoff.next(0, 1000)]).toEqual([0, 100]);
});

it("repeats at once only once a second, however often it is reset", () => {
  const backoff = new Backoff();
  const waits = [0, 1, 500, 999, 1000, 1001].map((now) => {
    backoff.reset();
    return backoff.next(0, now);
  });
  expect(waits).toEqual([0, 100, 100, 100, 0, 100]);
});

it("takes up to a quarter off at random", () => {
  const backoff = new Backoff();
  backoff.next(0, 0);
  expect(backoff.next(0.999, 0)).toBeCloseTo(75, 0);
});

it("ends a wait with the signal's reason", async () => {
  const backoff = new Backoff();
  for (let index = 0; index < 8; index++) backoff.next(0, 0);
  const reason = new Error("stop");
  await expect(backoff.wait(AbortSignal.abort(reason))).rejects.toBe(reason);
});
