// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { waitFor, Wake } from "./wake.ts";

describe("a wake", () => {
  it("reaches everybody who took its promise before, once", async () => {
    const wake = new Wake();
    const [a, b] = [wake.next, wake.next];
    wake.notify();
    await Promise.all([a, b]);
    expect(wake.next).not.toBe(a);
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
