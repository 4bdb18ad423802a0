// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { BeatTimes } from "./beat-times.ts";

describe("the beats of a stream", () => {
  it("prove by an answer that the server lived when the last beat up to it was sent, once", () => {
    const beats = new BeatTimes();
    const before = performance.now();
    const [first, second, third] = [beats.send(), beats.send(), beats.send()];
    expect([first, second, third]).toEqual([1n, 2n, 3n]);
    expect(beats.answered(2n)?.monotonic).toBeGreaterThanOrEqual(before);
    for (const sequence of [0n, 1n, 2n]) expect(beats.answered(sequence)).toBeUndefined();
    expect(beats.oldestMs()).toBeGreaterThan(0);
    expect(beats.answered(7n)?.monotonic).toBeLessThanOrEqual(performance.now());
    expect(beats.oldestMs()).toBe(0);
  });

  it("are forgotten by number, never by age: a stream that is far behind proves what it last remembered", () => {
    const beats = new BeatTimes();
    for (let sent = 0; sent < 100; sent++) beats.send();
    const proof = beats.answered(100n);
    expect(proof).toBeDefined();
    expect(proof?.monotonic).toBeLessThanOrEqual(performance.now());
    expect(beats.oldestMs()).toBe(0);
  });
});
