// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

describe("RateLimiter", () => {
  it("grants a burst of one second's tokens, then makes callers wait", async () => {
    let now = 0;
    const limiter = new RateLimiter(50, () => now);
    expect(await limiter.take("a", 50)).toBe("granted");
    const started = performance.now();
    expect(await limiter.take("a", 1)).toBe("granted");
    expect(performance.now() - started).toBeGreaterThan(10);
    now = 2000;
    expect(await limiter.take("a", 50)).toBe("granted");
  });

  it("keeps addresses apart", async () => {
    const limiter = new RateLimiter(1, () => 0);
    expect(await limiter.take("a", 1)).toBe("granted");
    expect(await limiter.take("b", 1)).toBe("granted");
  });

  it("refuses what never fits, and what would pass the deadline", async () => {
    const limiter = new RateLimiter(1, () => 0);
    expect(await limiter.take("a", 2)).toBe("exceeds-burst");
    expect(await limiter.take("a", 1)).toBe("granted");
    expect(await limiter.take("a", 1, { deadline: new Date(Date.now() + 10) })).toBe("exceeds-deadline");
  });

  it("gives tokens back when the caller goes away", async () => {
    const limiter = new RateLimiter(1, () => 0);
    await limiter.take("a", 1);
    await expect(limiter.take("a", 1, { signal: AbortSignal.timeout(5) })).rejects.toThrow();
    expect(
      await limiter.take("a", 1, { deadline: new Date(Date.now() + 1500), signal: AbortSignal.timeout(1400) }),
    ).toBe("granted");
  });

  it("0 means unlimited", async () => {
    expect(await new RateLimiter(0).take("a", 1_000_000)).toBe("granted");
  });
});
