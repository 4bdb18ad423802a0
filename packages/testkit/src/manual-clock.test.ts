// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { expectCode } from "./expect-code.ts";
import { ManualClock } from "./manual-clock.ts";

describe("ManualClock", () => {
  it("stands still until it is moved", () => {
    const clock = new ManualClock(new Date(1000));
    expect(clock.now()).toEqual(new Date(1000));
    clock.set(new Date(5));
    expect(clock.now()).toEqual(new Date(5));
  });

  it("wakes sleepers in the order of their time, each at its own instant, also those who sleep again", async () => {
    const clock = new ManualClock(new Date(0));
    const seen: string[] = [];
    const nap = async (name: string, ...naps: number[]): Promise<void> => {
      for (const ms of naps) {
        await clock.sleep(ms);
        seen.push(`${name} ${clock.now().getTime()}`);
      }
    };
    const done = Promise.all([nap("late", 30), nap("twice", 10, 15), nap("never", 101)]);
    await clock.advance(100);
    expect(seen).toEqual(["twice 10", "twice 25", "late 30"]);
    expect(clock.sleepers).toBe(1);
    await clock.advance(1);
    await done;
    expect(clock.now()).toEqual(new Date(101));
  });

  it("wakes a sleeper whose signal aborts, with the reason", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const reason = Object.assign(new Error("stop"), { code: "STOP" });
    const asleep = clock.sleep(1000, { signal: controller.signal });
    controller.abort(reason);
    expect(await expectCode(asleep, "STOP")).toBe(reason);
    await expectCode(clock.sleep(1000, controller.signal), "STOP");
    expect(clock.sleepers).toBe(0);
  });
});

describe("expectCode", () => {
  it("fails when nothing is thrown, or another code, or no error", async () => {
    const coded = Object.assign(new Error("x"), { code: "A" });
    const refused: (() => unknown)[] = [
      () => expectCode(() => 1, "A"),
      () => expectCode(() => Promise.reject(coded), "B"),
      () =>
        expectCode(() => {
          throw new Error("no code");
        }, "A"),
      () => expectCode(Promise.reject({ code: "A" }), "A"),
    ];
    for (const each of refused) await expect(each()).rejects.toThrow();
    expect(await expectCode(Promise.reject(coded), "A")).toBe(coded);
  });
});
