// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LeaseError } from "../errors.ts";
import { parseDoorRequest } from "./door-request.ts";

describe("the first line of a tool server", () => {
  it("is brokered and for an hour unless it says otherwise", () => {
    expect(parseDoorRequest('{"statement":"a.b.c","target":"orders"}')).toEqual({
      kind: "open",
      statement: "a.b.c",
      target: "orders",
      mode: "brokered",
      ttlSeconds: 3_600,
    });
    expect(parseDoorRequest('{"statement":"a","target":"o","mode":"leased"}')).toMatchObject({ ttlSeconds: 300 });
    expect(parseDoorRequest('{"end":"l-1"}')).toEqual({ kind: "end", lease: "l-1" });
    expect(parseDoorRequest('{"cancel":{"process":1,"key":2}}')).toEqual({ kind: "cancel", processId: 1, key: 2 });
  });

  it("is a request or refused with BAD_REQUEST, whatever it holds", () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom("orders", "leased", "a.b.c", 0, -1, 1e99, {}));
    const names = fc.constantFrom("statement", "target", "mode", "ttl_seconds", "end", "cancel", "__proto__");
    const lines = fc.oneof(
      fc.string(),
      fc.dictionary(names, value).map((members) => JSON.stringify(members)),
    );
    fc.assert(
      fc.property(lines, (line) => {
        try {
          expect(["open", "end", "cancel"]).toContain(parseDoorRequest(line).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(LeaseError);
          expect((error as LeaseError).code).toBe("BAD_REQUEST");
        }
      }),
    );
  });
});
