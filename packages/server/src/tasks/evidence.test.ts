// SPDX-License-Identifier: Apache-2.0
import { StatusError } from "@mayfly/rpc";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatEvidence, parseEvidence } from "./evidence.ts";
import { readStatedCall } from "./leases/read-statement.ts";

const context = { by: "spiffe://example.org/broker", now: new Date("2026-11-25T01:00:00.000Z") };

/** Nothing but a refusal may come out of a parser. */
function isRefusedOrRead(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(StatusError);
  }
}

describe("evidence of guards", () => {
  it("is read as it was written, by whom the connection is", () => {
    const detail = fc.dictionary(
      fc.string({ maxLength: 8 }).filter((name) => name !== "__proto__"),
      fc.oneof(fc.string({ maxLength: 40 }), fc.boolean(), fc.integer()),
      { maxKeys: 8, noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), detail, (method, members) => {
        const evidence = { by: "somebody else", at: new Date(0), method, detail: members };
        const read = parseEvidence(formatEvidence(evidence), context);
        expect(read).toEqual({ ...evidence, by: context.by });
      }),
    );
  });

  it("survives anything", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => isRefusedOrRead(() => parseEvidence(text, context))),
    );
  });

  it.each([
    ["no object", "7"],
    ["no method", "{}"],
    ["nested detail", '{"method":"m","detail":{"a":{"b":1}}}'],
    ["a list as detail", '{"method":"m","detail":[1]}'],
    ["4 KiB and more", `{"method":"${"m".repeat(5000)}"}`],
    ["half a surrogate pair", '{"method":"m","detail":{"a":"\\ud800"}}'],
  ])("refuses %s", (_, text) => {
    expect(() => parseEvidence(text, context)).toThrow(StatusError);
  });

  it("does not take an instant in the future for when it was seen", () => {
    const read = parseEvidence('{"method":"m","at":"2999-01-01T00:00:00.000Z"}', context);
    expect(read?.at).toEqual(context.now);
  });
});

describe("the claims of a call statement", () => {
  it("survive anything", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        isRefusedOrRead(() => readStatedCall(text));
        isRefusedOrRead(() => readStatedCall(`a.${Buffer.from(text).toString("base64url")}.c`));
      }),
    );
  });
});
