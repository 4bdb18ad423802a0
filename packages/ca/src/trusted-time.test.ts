// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { SignerError } from "./errors.ts";
import { silentSigningLogger } from "./signing-logger.ts";
import { ManualClock } from "../test/support/manual-clock.ts";
import { TrustedTime } from "./trusted-time.ts";

const hour = 3600;

function answer(time: TrustedTime): number | string {
  try {
    return time.now().getTime();
  } catch (error) {
    if (error instanceof SignerError) return error.code;
    throw error;
  }
}

describe("trusted time", () => {
  it("follows the wall clock", () => {
    const clock = new ManualClock();
    const time = new TrustedTime(clock, silentSigningLogger);
    clock.advance(30 * 24 * hour);
    expect(answer(time)).toBe(clock.now().getTime());
  });

  it("stands still, and never runs backwards, over a small step back", () => {
    const clock = new ManualClock();
    const time = new TrustedTime(clock, silentSigningLogger);
    clock.advance(100);
    const before = answer(time);
    clock.step(-20);
    expect(answer(time)).toBe(before);
    clock.advance(25);
    expect(answer(time)).toBe(clock.now().getTime());
  });

  it("follows a clock that is slowly corrected", () => {
    const clock = new ManualClock();
    const time = new TrustedTime(clock, silentSigningLogger);
    for (let i = 0; i < 1000; i++) {
      clock.advance(10);
      clock.step(0.2);
      expect(typeof answer(time)).toBe("number");
    }
  });

  it.each([
    ["ISS-D05 back", -2 * hour],
    ["ISS-D06 forward", 365 * 24 * hour],
  ])("%s: a step is not believed, told once, and forgotten when it is undone", (_name, seconds) => {
    const errors: string[] = [];
    const clock = new ManualClock();
    const time = new TrustedTime(clock, { ...silentSigningLogger, error: (event) => errors.push(event) });
    clock.step(seconds);
    for (let i = 0; i < 20; i++) {
      expect(answer(time)).toBe("SIGNER_CLOCK_UNTRUSTED");
      expect(time.believable).toBe(false);
      clock.advance(1);
    }
    clock.step(-seconds);
    expect(answer(time)).toBe(clock.now().getTime());
    expect(errors).toEqual(["clock_stepped"]);
  });

  it("believes a step after the clock ran evenly for five minutes, without repair by hand", () => {
    const clock = new ManualClock();
    const time = new TrustedTime(clock, silentSigningLogger);
    clock.step(-2 * hour);
    let waited = 0;
    while (answer(time) === "SIGNER_CLOCK_UNTRUSTED") {
      clock.advance(10);
      waited += 10;
    }
    expect(waited).toBe(300);
    expect(answer(time)).toBe(clock.now().getTime());
  });

  it("does not believe a clock that goes on jumping", () => {
    const clock = new ManualClock();
    const time = new TrustedTime(clock, silentSigningLogger);
    for (let i = 1; i < 100; i++) {
      clock.step(100 * i);
      clock.advance(10);
      expect(answer(time)).toBe("SIGNER_CLOCK_UNTRUSTED");
    }
  });

  it("ISS-D05 is not believed at a start far behind what was stored, but for five minutes only", () => {
    const clock = new ManualClock();
    const time = new TrustedTime(clock, silentSigningLogger);
    time.expectAtLeast(new Date(clock.now().getTime() + 20_000));
    expect(answer(time)).toBe(clock.now().getTime());
    time.expectAtLeast(new Date(clock.now().getTime() + 2 * hour * 1000));
    expect(answer(time)).toBe("SIGNER_CLOCK_UNTRUSTED");
    clock.advance(299);
    expect(answer(time)).toBe("SIGNER_CLOCK_UNTRUSTED");
    clock.advance(1);
    expect(answer(time)).toBe(clock.now().getTime());
  });

  it("without a second clock sees steps back only", () => {
    const clock = new ManualClock();
    const time = new TrustedTime({ now: () => clock.now() }, silentSigningLogger);
    clock.step(hour);
    expect(answer(time)).toBe(clock.now().getTime());
    clock.step(-hour);
    expect(answer(time)).toBe("SIGNER_CLOCK_UNTRUSTED");
  });
});
