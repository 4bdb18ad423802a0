// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HttpRefusal } from "../http/http-refusal.ts";
import { decodeHeaderValue, encodeHeaderValue } from "./header-value.ts";
import { readRequest } from "./read-request.ts";

const _meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

describe("a request's body", () => {
  it("is read into what it asks", () => {
    const body = {
      jsonrpc: "2.0",
      id: "x",
      method: "tools/call",
      params: { name: "query", arguments: { a: 1 }, _meta },
    };
    expect(readRequest(Buffer.from(JSON.stringify(body)))).toEqual({
      id: "x",
      method: "tools/call",
      name: "query",
      arguments: { a: 1 },
      approvalId: undefined,
      agentSpan: undefined,
    });
  });

  it("of any kind gives a request or a refusal with a code", () => {
    const part = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom("2.0", "tools/call", "tools/list", "query", 1),
    );
    const body = fc.record(
      {
        jsonrpc: fc.constantFrom("2.0", "1.0"),
        id: part,
        method: part,
        params: fc.oneof(
          part,
          fc.record({ name: part, arguments: part, _meta: fc.constantFrom(_meta, {}, null) }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(body, part), (value) => {
        try {
          const { method } = readRequest(Buffer.from(JSON.stringify(value)));
          expect(["server/discover", "tools/list", "tools/call"]).toContain(method);
        } catch (error) {
          expect(error).toBeInstanceOf(HttpRefusal);
        }
      }),
    );
  });
});

describe("a value in a header", () => {
  it("comes back as it went in, in characters that a header carries", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const header = encodeHeaderValue(value);
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeHeaderValue(header)).toBe(value);
      }),
    );
  });

  it.each(["=?base64?YQ?=", "=?base64?YR==?=", "=?base64?Y Q==?=", "=?base64?_w==?=", "=?base64?/w==?="])(
    "%s is none",
    (header) => {
      expect(decodeHeaderValue(header)).toBeUndefined();
    },
  );
});
