// SPDX-License-Identifier: Apache-2.0
import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../test/codes.ts";
import { anyText } from "../test/texts.ts";
import { recordOf } from "../test/memory-log.ts";
import { type LogRecord, recordKinds } from "./record.ts";
import { digestArguments, encodeRecord, parseRecord } from "./record-codec.ts";

const full: LogRecord = {
  v: 1,
  id: "c-1",
  kind: "call",
  phase: "intent",
  at: "2026-11-24T12:00:00.000Z",
  task: "t-abcdefghijklmnop",
  agent: "spiffe://example.org/agent/a/task/t-abcdefghijklmnop",
  serial: "0a1b",
  decision: "allow",
  approval: "a-1",
  lease: "l-1",
  tool: "files.write",
  args_digest: `hmac-sha256:${"0".repeat(64)}`,
  policy_digest: `sha256:${"f".repeat(64)}`,
  actor: "spiffe://example.org/gateway",
  body: { server: "files" },
};

function parses(text: string): string {
  return codeOf(() => parseRecord(Buffer.from(text)));
}

describe("a record", () => {
  it("keeps its bytes from version to version: old logs must stay readable", () => {
    const expected =
      '{"actor":"spiffe://example.org/gateway","agent":"spiffe://example.org/agent/a/task/t-abcdefghijklmnop","approval":"a-1",' +
      `"args_digest":"hmac-sha256:${"0".repeat(64)}","at":"2026-11-24T12:00:00.000Z","body":{"server":"files"},"decision":"allow",` +
      '"id":"c-1","kind":"call","lease":"l-1","phase":"intent",' +
      `"policy_digest":"sha256:${"f".repeat(64)}","serial":"0a1b","task":"t-abcdefghijklmnop","tool":"files.write","v":1}`;
    expect(Buffer.from(encodeRecord(full)).toString()).toBe(expected);
    expect(parseRecord(encodeRecord(full))).toEqual(full);
    expect(encodeRecord({ ...recordOf(1), task: undefined })).toEqual(encodeRecord(recordOf(1)));
    for (const kind of recordKinds) expect(parseRecord(encodeRecord(recordOf(1, { kind }))).kind).toBe(kind);
  });

  it("AUD-D06: whatever text is in a field, it is one line and comes back", () => {
    const nasty = fc
      .array(fc.oneof(fc.constantFrom("\n", "\r", "\0", "\u001b[31m", '"', "\\", "\u2028", "'", "},{"), anyText()), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => `x${parts.join("")}`.toWellFormed());
    fc.assert(
      fc.property(nasty, nasty, nasty, nasty, (actor, tool, name, value) => {
        const record: LogRecord = { ...full, actor, tool, agent: value, body: { [name]: value, list: [value] } };
        const bytes = encodeRecord(record);
        expect(Buffer.from(bytes).every((octet) => octet >= 0x20)).toBe(true);
        expect(parseRecord(bytes)).toEqual(record);
      }),
    );
  });

  it.each<[string, Partial<Record<keyof LogRecord | "extra", unknown>>]>([
    ["an unknown field", { extra: 1 }],
    ["an unknown kind", { kind: "calls" }],
    ["a kind of the prototype", { kind: "constructor" }],
    ["an unknown phase", { phase: "before" }],
    ["another version", { v: 2 }],
    ["an empty id", { id: "" }],
    ["an id with a newline", { id: "a\n" }],
    ["an id with a space", { id: "a b" }],
    ["a long id", { id: "a".repeat(129) }],
    ["a time in seconds", { at: "2026-11-24T12:00:00Z" }],
    ["a time of another zone", { at: "2026-11-24T12:00:00.000+01:00" }],
    ["the 30th of February", { at: "2026-02-30T12:00:00.000Z" }],
    ["25 o'clock", { at: "2026-02-20T25:00:00.000Z" }],
    ["a time as a number", { at: 1_790_000_000_000 }],
    ["an empty actor", { actor: "" }],
    ["a long actor", { actor: "x".repeat(2049) }],
    ["a decision of its own", { decision: "maybe" }],
    ["an upper-case serial", { serial: "0A" }],
    ["an unkeyed digest of arguments", { args_digest: `sha256:${"0".repeat(64)}` }],
    ["a short digest", { policy_digest: "sha256:00" }],
    ["a body that is a list", { body: [] }],
    ["a body that is nothing", { body: null }],
  ])("is not written and not read with %s", (_, change) => {
    const bad = { ...full, ...change } as unknown as LogRecord;
    expect(codeOf(() => encodeRecord(bad))).toBe("RECORD_MALFORMED");
    const sorted = Object.entries(bad).toSorted(([a], [b]) => (a < b ? -1 : 1));
    expect(parses(JSON.stringify(Object.fromEntries(sorted)))).toBe("RECORD_MALFORMED");
  });

  it.each(["v", "id", "kind", "phase", "at", "actor", "body"])("is not a record without %s", (name) => {
    const { [name as keyof LogRecord]: _, ...rest } = full;
    expect(codeOf(() => encodeRecord(rest as LogRecord))).toBe("RECORD_MALFORMED");
  });

  const text = Buffer.from(encodeRecord(full)).toString();
  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["a doubled name with one value", text.replace('"id":"c-1"', '"id":"c-1","id":"c-1"')],
    ["a doubled name with two values", text.replace('"id":"c-1"', '"id":"c-0","id":"c-1"')],
    ["a doubled name in the body", text.replace('{"server":"files"}', '{"server":"a","server":"files"}')],
    ["a space", text.replace(",", ", ")],
    ["a newline behind it", `${text}\n`],
    ["another order", text.replace(/("id":"c-1"),("kind":"call")/, "$2,$1")],
    ["an escape that need not be", text.replace('"c-1"', '"c\\u002d1"')],
    ["a number in another form", text.replace('"v":1', '"v":1.0')],
    ["a lone surrogate", text.replace("files", "\\ud800")],
    ["a thousand brackets", text.replace('{"server":"files"}', "[".repeat(1000) + "]".repeat(1000))],
    ["thirty thousand brackets", "[".repeat(30_000) + "]".repeat(30_000)],
    ["a byte order mark", `\ufeff${text}`],
  ])("is not read from %s", (_, bad) => {
    expect(parses(bad)).toBe("RECORD_MALFORMED");
  });

  it("has at most 60 KiB", () => {
    const empty = encodeRecord({ ...full, body: { x: "" } }).length;
    expect(encodeRecord({ ...full, body: { x: "y".repeat(61_440 - empty) } })).toHaveLength(61_440);
    expect(codeOf(() => encodeRecord({ ...full, body: { x: "y".repeat(61_441 - empty) } }))).toBe("RECORD_TOO_LARGE");
    expect(codeOf(() => encodeRecord({ ...full, body: { x: "y".repeat(2_000_000) } }))).toBe("JSON_UNREPRESENTABLE");
    expect(codeOf(() => parseRecord(new Uint8Array(61_441)))).toBe("RECORD_TOO_LARGE");
  });

  it("has one encoding: whatever is accepted is written back to the same bytes, and nothing else is thrown than JournalError", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 2 }), (changes) => {
        const bytes = Buffer.from(text);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        if (codeOf(() => parseRecord(bytes)) !== "accepted") return;
        expect(Buffer.from(encodeRecord(parseRecord(bytes))).equals(bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(codeOf(() => parseRecord(bytes))).toBe("RECORD_MALFORMED");
      }),
    );
  });
});

describe("the digest of arguments", () => {
  it("is a keyed one", () => {
    const key = Buffer.alloc(32, 7);
    const expected = createHmac("sha256", key).update('{"a":1}').digest("hex");
    expect(digestArguments(key, '{"a":1}')).toBe(`hmac-sha256:${expected}`);
    expect(digestArguments(Buffer.alloc(32, 8), '{"a":1}')).not.toBe(digestArguments(key, '{"a":1}'));
    expect(() => digestArguments(Buffer.alloc(31), "{}")).toThrow(RangeError);
  });
});
