// SPDX-License-Identifier: Apache-2.0
import { Duplex } from "node:stream";
import { assertHolds, type FuzzTarget } from "@mayfly/testkit";
import { LeaseError } from "../src/errors.ts";
import { ByteReader } from "../src/relay/byte-reader.ts";
import { maxLineBytes, parseDoorRequest } from "../src/relay/door-request.ts";
import { sessionSettings } from "../src/relay/session-settings.ts";
import { readStartup } from "../src/relay/startup.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** A connection whose peer sends these bytes in two pieces, the first as long as its first octet says, and ends. */
function connection(input: Uint8Array): Duplex {
  const cut = Math.min(input[0] ?? 0, input.length);
  const pieces = [input.subarray(0, cut), input.subarray(cut)].filter(({ length }) => length > 0);
  return new Duplex({
    read() {
      this.push(pieces.shift() ?? null);
    },
    write: (_chunk, _encoding, done) => done(),
  });
}

function packet(version: number, ...texts: readonly string[]): Buffer {
  const head = Buffer.alloc(8);
  const body = Buffer.from(texts.map((each) => `${each}\0`).join(""));
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt32BE(version, 4);
  return Buffer.concat([head, body]);
}

const [ssl, gss] = [packet(80_877_103), packet(80_877_104)];
const three = packet(196_608, "user", "me", "database", "orders", "client_encoding", "UTF8", "");
const newer = packet(196_610, "user", "me", "_pq_.x", "1", "DateStyle", "ISO, MDY", "search_path", '"$user"', "");
const allowed = new Set([
  "client_encoding",
  "DateStyle",
  "TimeZone",
  "IntervalStyle",
  "extra_float_digits",
  "search_path",
]);

const startup: FuzzTarget = {
  seeds: [three, Buffer.concat([ssl, gss, three]), Buffer.concat([ssl, newer])],
  words: [
    "\0",
    "\0\0",
    "options\0-c role=x\0",
    "role\0x\0",
    "replication\0true\0",
    "database\0postgres\0",
    "\x04\xd2\x16\x2e",
  ].map(bytes),
  error: LeaseError,
  run: async (input) => {
    const stream = connection(input);
    const { parameters, minorVersion } = await readStartup(new ByteReader(stream, 1_000), stream);
    const settings = Object.entries(sessionSettings({ parameters, minorVersion }, ["orders"]));
    assertHolds(
      settings.every(([name, value]) => allowed.has(name) && !/[\\;'\0\n=]/.test(value)),
      "a client sets what it may not",
    );
    assertHolds((parameters.get("replication") ?? "") === "", "a client replicates");
  },
};

const open = { statement: "aaaa.bbbb.cccc", target: "orders", mode: "leased", ttl_seconds: 60 };
const door: FuzzTarget = {
  seeds: [open, { statement: "a", target: "o" }, { end: "l-1" }, { cancel: { process: 1, key: 2 } }].map((each) =>
    bytes(`${JSON.stringify(each)}\n`),
  ),
  words: [
    '"',
    "{",
    "}",
    ",",
    ":",
    "null",
    "-0",
    "1e999",
    '"__proto__":',
    '"end":',
    '"cancel":',
    '"mode":"',
    "\n",
    "9".repeat(20),
  ].map(bytes),
  error: LeaseError,
  run: async (input) => {
    const stream = connection(input);
    const line = await new ByteReader(stream, 1_000).line(maxLineBytes);
    const request = parseDoorRequest(line);
    if (request.kind !== "open") return;
    const { ttlSeconds, statement, target } = request;
    assertHolds(ttlSeconds >= 1 && ttlSeconds <= 86_400, "a lease without an end");
    assertHolds(/^[a-z0-9-]+$/.test(target) && statement.length <= 24_576, "a target that is no name");
  },
};

/** Parsers of untrusted input, by name. */
export const targets: Readonly<Record<string, FuzzTarget>> = { startup, door };
