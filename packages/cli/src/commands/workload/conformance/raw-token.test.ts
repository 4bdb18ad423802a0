// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forgeries } from "./forge.ts";
import { readKeySet } from "./key-set.ts";
import { readRawToken, segment } from "./raw-token.ts";

describe("a token as it is", () => {
  it("is taken apart, whatever it says", () => {
    const token = `${segment({ alg: "none" })}.${segment({ sub: 5 })}.AA`;
    expect(readRawToken(token)).toMatchObject({ header: { alg: "none" }, claims: { sub: 5 } });
  });

  it.each(["", "a.b", "a.b.c", "a.b.c.d", `${segment([])}.${segment({})}.AA`, `${segment({})}.${segment(null)}.AA`])(
    "is refused as %j",
    (token) => {
      expect(readRawToken(token)).toBeUndefined();
    },
  );

  it("is refused over 64 KiB", () => {
    expect(readRawToken(`${segment({})}.${segment({ a: "a".repeat(65_536) })}.AA`)).toBeUndefined();
  });

  it("and sets of keys never throw, nor do forgeries of them", () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), fc.uint8Array({ minLength: 1 }), (header, claims, signature) => {
        const encode = (part: string | Uint8Array): string => Buffer.from(part).toString("base64url");
        const token = `${encode(header)}.${encode(claims)}.${encode(signature)}`;
        readRawToken(token);
        forgeries(token, {});
        readKeySet(header);
        readKeySet(signature);
      }),
    );
  });
});
