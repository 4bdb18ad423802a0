// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SignerError } from "../errors.ts";
import { validityOf, type ValidityLimits } from "./validity.ts";

const now = new Date("2026-11-24T12:00:00.400Z");
const second = Math.floor(now.getTime() / 1000);
const atSecond = (offset: number): Date => new Date((second + offset) * 1000);
const limits: ValidityLimits = {
  now,
  ttlSeconds: 0,
  defaultTtlSeconds: 600,
  backdateSeconds: 30,
  authority: { notBefore: atSecond(-3600), notAfter: atSecond(86_400) },
};

function codeOf(changes: Partial<ValidityLimits>): string {
  try {
    validityOf({ ...limits, ...changes });
    return "granted";
  } catch (error) {
    if (error instanceof SignerError) return error.code;
    throw error;
  }
}

describe("validity", () => {
  it("ISS-D04 ends with the authority when more is asked for", () => {
    const authority = { notBefore: atSecond(-3600), notAfter: atSecond(180) };
    expect(validityOf({ ...limits, ttlSeconds: 3600, authority }).notAfter).toEqual(authority.notAfter);
  });

  it("ends with what it is for: its last second is the one before", () => {
    expect(validityOf({ ...limits, endsBy: atSecond(60) }).notAfter).toEqual(atSecond(59));
    expect(validityOf({ ...limits, endsBy: atSecond(86_400) }).notAfter).toEqual(atSecond(599));
    expect(validityOf({ ...limits, endsBy: atSecond(1) }).notAfter).toEqual(atSecond(0));
    for (const end of [0, -1, -31]) expect(codeOf({ endsBy: atSecond(end) })).toBe("TTL_REFUSED");
  });

  it("ISS-D07 is dated back by no more than the backdate, and not before the authority", () => {
    expect(validityOf(limits).notBefore).toEqual(atSecond(-30));
    const authority = { notBefore: atSecond(-10), notAfter: atSecond(60) };
    expect(validityOf({ ...limits, authority }).notBefore).toEqual(atSecond(-10));
  });

  it("ISS-D08 counts its last second: what is left never exceeds the TTL, and with the backdate never TTL + backdate", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 999 }), (ttlSeconds, ms) => {
        const at = new Date(second * 1000 + ms);
        const { notBefore, notAfter } = validityOf({ ...limits, now: at, ttlSeconds });
        const length = (notAfter.getTime() - notBefore.getTime()) / 1000 + 1;
        expect(length).toBeLessThanOrEqual(ttlSeconds + 30);
        expect(notAfter.getTime() / 1000 - second + 1).toBeLessThanOrEqual(ttlSeconds);
        expect(notAfter <= limits.authority.notAfter).toBe(true);
        expect(notAfter >= at || ttlSeconds === 1).toBe(true);
      }),
    );
  });

  it("CSR-D09 caps ten years, takes 0 as the default and refuses what is no lifetime", () => {
    expect(validityOf({ ...limits, ttlSeconds: 315_360_000 }).notAfter).toEqual(limits.authority.notAfter);
    expect(validityOf(limits).notAfter).toEqual(atSecond(599));
    for (const ttlSeconds of [-1, 1.5, 2 ** 63, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(codeOf({ ttlSeconds })).toBe("TTL_REFUSED");
    }
  });

  it("ISS-D03 is refused once the authority has ended", () => {
    const authority = { notBefore: atSecond(-3600), notAfter: atSecond(-1) };
    expect(codeOf({ authority })).toBe("SIGNER_AUTHORITY_EXPIRED");
  });

  it("is refused before the authority begins", () => {
    expect(codeOf({ authority: { notBefore: atSecond(1), notAfter: atSecond(60) } })).toBe("SIGNER_CLOCK_UNTRUSTED");
  });
});
