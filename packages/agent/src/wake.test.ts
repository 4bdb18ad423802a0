// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { waitFor, Wake } from "./wake.ts";

describe("a wake", () => {
  const { signal } = new AbortController();

  it("reaches everybody who took its moment before, once", async () => {
    const wake = new Wake();
    const [a, b] = [wake.next, wake.next];
    const waiting = [waitFor(a, { signal }), waitFor(b, { signal })];
    wake.notify();
    await Promise.all([...waiting, waitFor(a, { signal })]);
    expect(a.passed).toBe(true);
    expect(wake.next.passed).toBe(false);
  });

  it("calls back whoever stays, and nobody who left", () => {
    const wake = new Wake();
    const called: string[] = [];
    const stay = (): number => called.push("stay");
    const leave = (): number => called.push("leave");
    for (const each of [stay, leave]) wake.next.remember(each);
    wake.next.forget(leave);
    wake.notify();
    wake.notify();
    expect(called).toEqual(["stay"]);
  });

  it("is waited for until a timeout or the signal", async () => {
    const { next } = new Wake();
    await waitFor(next, { signal: new AbortController().signal, timeoutMs: 1 });
    const controller = new AbortController();
    const waiting = waitFor(next, { signal: controller.signal });
    controller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    await expect(waitFor(next, { signal: controller.signal })).rejects.toThrow("gone");
  });
});
