// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountName, accountOf, assertAccountName } from "./account-name.ts";
import { quoteIdentifier, quoteLiteral } from "./quote.ts";
import { Secret } from "./secret.ts";

describe("SEC-D08 quoting", () => {
  it("leaves no quote of an identifier unpaired", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 15 }), (name) => {
        fc.pre(!name.includes("\0"));
        const quoted = quoteIdentifier(name);
        expect(quoted.slice(1, -1).replaceAll('""', "")).not.toContain('"');
        expect(quoted.slice(1, -1).replaceAll('""', '"')).toBe(name);
      }),
    );
    for (const bad of ["", "a\0", "x".repeat(64), "ü".repeat(32)])
      expect(() => quoteIdentifier(bad)).toThrow(RangeError);
  });

  it("leaves no quote and no backslash of a literal unpaired", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", "\\", "$", "a", "\n", '"') }), (text) => {
        const body = quoteLiteral(text).replace(/^E?'|'$/g, "");
        expect(body.replaceAll("''", "").replaceAll("\\\\", "")).not.toMatch(/['\\]/);
      }),
    );
    expect(quoteLiteral("a")).toBe("'a'");
    expect(quoteLiteral("\\'")).toBe("E'\\\\'''");
    expect(() => quoteLiteral("\0")).toThrow(RangeError);
  });
});

describe("names of accounts", () => {
  it("carry task and lease", () => {
    expect(accountName("mayfly_", "t-abcdefghijklmnop", "l-12")).toBe("mayfly_t_abcdefghijklmnop_l_12");
    expect(accountOf({ account: "", taskId: "t-1", id: "l-1" }, "m_")).toBe("m_t_1_l_1");
    expect(accountOf({ account: "m_x", taskId: "t-1", id: "l-1" }, "m_")).toBe("m_x");
    expect(() => accountOf({ account: "postgres", taskId: "t-1", id: "l-1" }, "m_")).toThrow(
      expect.objectContaining({ code: "BAD_ACCOUNT" }),
    );
    expect(() => accountName("m_", "t-1", "L")).toThrow(expect.objectContaining({ code: "BAD_ACCOUNT" }));
    expect(assertAccountName("m_a", "m_")).toBe("m_a");
  });
});

describe("SEC-D07 a secret", () => {
  it("has 256 bits, shows them to nobody who only prints it, and is gone when it is wiped", () => {
    const secret = Secret.random();
    const text = secret.reveal();
    expect(Buffer.from(text, "base64url")).toHaveLength(32);
    expect([String(secret), JSON.stringify({ secret }), "".concat(secret as unknown as string)].join()).not.toContain(
      text,
    );
    secret.wipe();
    expect(() => secret.reveal()).toThrow(TypeError);
  });
});
