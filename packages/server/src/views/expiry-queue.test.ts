// SPDX-License-Identifier: Apache-2.0
import { array, assert, constantFrom, integer, property, tuple } from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ExpiryQueue } from "./expiry-queue.ts";

describe("ExpiryQueue", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("fires in order, once each, and only the newest instant of a key", () => {
    assert(
      property(array(tuple(constantFrom("a", "b", "c", "d"), integer({ min: 1, max: 5000 }))), (sets) => {
        const start = Date.now();
        const fired: string[] = [];
        const queue = new ExpiryQueue({ now: () => new Date() }, (key) => fired.push(key));
        const last = new Map<string, number>();
        for (const [key, delay] of sets) {
          queue.set(key, new Date(start + delay));
          last.set(key, delay);
        }
        vi.advanceTimersByTime(6000);
        const expected = [...last.keys()].toSorted((a, b) => (last.get(a) ?? 0) - (last.get(b) ?? 0));
        expect(fired.map((key) => last.get(key))).toEqual(expected.map((key) => last.get(key)));
        expect(new Set(fired).size).toBe(fired.length);
        queue[Symbol.dispose]();
      }),
    );
  });

  it("notices a clock that was set forward", () => {
    let now = 0;
    const fired: string[] = [];
    using queue = new ExpiryQueue({ now: () => new Date(now) }, (key) => fired.push(key));
    queue.set("entry", new Date(3_600_000));
    vi.advanceTimersByTime(1000);
    now = 3_600_001;
    vi.advanceTimersByTime(1000);
    expect(fired).toEqual(["entry"]);
  });

  it("sleeps while nothing is pending", () => {
    using queue = new ExpiryQueue({ now: () => new Date() }, () => undefined);
    queue.set("a", new Date(Date.now() + 1));
    vi.advanceTimersByTime(600);
    expect(vi.getTimerCount()).toBe(0);
  });
});
