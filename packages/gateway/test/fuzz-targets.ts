// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { assertHolds, attempt, type FuzzTarget } from "@mayfly/testkit";
import { canonicalise } from "../src/calls/digests.ts";
import { callResources } from "../src/tools/call-resources.ts";
import { GatewayError } from "../src/errors.ts";
import { checkAddressing, checkPost } from "../src/http/check-request.ts";
import { HttpRefusal } from "../src/http/http-refusal.ts";
import { parseStrictJson, StrictJsonError } from "../src/json/strict-json.ts";
import { decodeHeaderValue, encodeHeaderValue } from "../src/mcp/header-value.ts";
import { matchHeaders, matchParamHeaders } from "../src/mcp/match-headers.ts";
import { readRequest } from "../src/mcp/read-request.ts";
import { findMisspelt } from "../src/tools/misspelt-names.ts";
import { readDefinition } from "../src/tools/tool-definition.ts";
import { readAnswer } from "../src/upstream/read-answer.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const jsonWords = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "-0",
  "1e999",
  "\\ud800",
  '"__proto__":',
  "[[[[",
  "\\u0061",
];

const _meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "mayfly/approval": "a-1",
};
const params = { name: "refund", arguments: { amount: 40, to: { name: "Ångström" } }, _meta };
const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
const list = { jsonrpc: "2.0", id: "x", method: "tools/list", params: { _meta } };

const json: FuzzTarget = {
  seeds: [call, list, [1, "a", null, { b: [{}] }]].map((each) => bytes(JSON.stringify(each))),
  words: [...jsonWords, '"A":', '"a":', "\u017f", "\ufeff", "\x80", "\0"].map(bytes),
  error: StrictJsonError,
  run: (input) => {
    const text = JSON.stringify(parseStrictJson(input));
    // In the form of this language every name that was there twice would be there once.
    assertHolds(JSON.stringify(parseStrictJson(bytes(text))) === text, "JSON changes when it is written and read");
    assertHolds(textOf(input).split(":").length >= text.split('":').length, "a name comes from nowhere");
  },
};

const key = Buffer.alloc(32, 7);
const request: FuzzTarget = {
  seeds: [call, list].map((each) => bytes(JSON.stringify(each))),
  words: [
    ...jsonWords,
    '"Method":',
    '"method":',
    '"name":"',
    '"arguments":',
    '"_meta":',
    "tools/call",
    "tools/list",
  ].map(bytes),
  error: HttpRefusal,
  run: (input) => {
    const read = readRequest(input);
    const { params: sent } = JSON.parse(textOf(input)) as { params: typeof params };
    if (read.method !== "tools/call") return;
    assertHolds(read.name === sent.name, "another tool is decided on than is named");
    const { json: canonical, value } = canonicalise(read.arguments, { key, maxBytes: 65_536 });
    assertHolds(canonicalise(value, { key, maxBytes: 65_536 }).json === canonical, "arguments have two forms");
    callResources(value, ["to.name", "amount"]);
  },
};

const definition = {
  name: "refund",
  description: "Pays back",
  inputSchema: {
    type: "object",
    properties: {
      amount: { type: "number", "x-mcp-header": "Amount" },
      to: { type: "object", properties: { name: { type: "string", "x-mcp-header": "To" } } },
    },
  },
};
const host = "gateway.test:8443";
const good = {
  Host: host,
  "Content-Type": "application/json",
  "Mcp-Protocol-Version": "2026-07-28",
  "Mcp-Method": "tools/call",
  "Mcp-Name": "refund",
  "Mcp-Param-Amount": "40",
  "Mcp-Param-To": encodeHeaderValue("Ångström"),
};
const parsed = readRequest(bytes(JSON.stringify(call)));

/** As Node gives them: names in lower case; of single headers the first value, others joined. */
function messageOf(text: string): IncomingMessage {
  const rawHeaders: string[] = [];
  const headers: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    rawHeaders.push(name, value);
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`;
  }
  return { method: "POST", rawHeaders, headers } as unknown as IncomingMessage;
}

const headers: FuzzTarget = {
  seeds: [good, { ...good, Origin: "https://console.test" }].map((each) =>
    bytes(
      Object.entries(each)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(""),
    ),
  ),
  words: [
    "\n",
    ":",
    "Mcp-Name: query\n",
    "Mcp-Param-Other: 1\n",
    "=?base64?",
    "?=",
    "host: evil\n",
    "; charset=utf-8",
  ].map(bytes),
  error: HttpRefusal,
  run: (input) => {
    const text = textOf(input);
    const decoded = decodeHeaderValue(text);
    assertHolds(decoded === undefined || decodeHeaderValue(encodeHeaderValue(decoded)) === decoded, "a value changes");
    const message = messageOf(text);
    checkAddressing(message, { hosts: new Set([host]), origins: new Set(["https://console.test"]) });
    checkPost(message);
    matchHeaders(message.headers, parsed);
    matchParamHeaders(message.headers, params.arguments, definition.inputSchema);
    const said = message.rawHeaders.filter((_, index) => /^mcp-name$/i.test(message.rawHeaders[index - 1] ?? ""));
    assertHolds(
      said.length === 1 && decodeHeaderValue(said[0] ?? "") === "refund",
      "headers that say something else are taken",
    );
  },
};

const tool: FuzzTarget = {
  seeds: [bytes(JSON.stringify(definition))],
  words: [...jsonWords, '"x-mcp-header":"', '"properties":{', '"inputSchema":', '"items":', '"name":'].map(bytes),
  error: StrictJsonError,
  run: (input) => {
    const value = parseStrictJson(input);
    const read = readDefinition(value);
    if (read === undefined) throw new StrictJsonError("NOT_JSON", "no definition");
    assertHolds(/^sha-256:[0-9a-f]{64}$/.test(read.digest), "a definition without a digest");
    findMisspelt(params.arguments, read.inputSchema, ["amount", "to.name"]);
    attempt(() => matchParamHeaders({ "mcp-param-amount": "40" }, params.arguments, read.inputSchema), HttpRefusal);
  },
};

const result = { jsonrpc: "2.0", id: "7", result: { content: [{ type: "text", text: "ä" }], isError: false } };
const failure = { jsonrpc: "2.0", id: "7", error: { code: -32_000, message: "no" } };
const event = `: hi\r\nevent: message\r\ndata: ${JSON.stringify({ jsonrpc: "2.0", method: "x" })}\r\n\r\ndata: ${JSON.stringify(result)}\n\n`;

/** A response of a tool server in two pieces: its type in the first line, then the body. */
function responseOf(input: Uint8Array): IncomingMessage {
  const end = Buffer.from(input).indexOf("\n");
  const [type, body] = [textOf(input.subarray(0, Math.max(0, end))), Buffer.from(input.subarray(end + 1))];
  const half = body.length >> 1;
  const stream = Readable.from([body.subarray(0, half), body.subarray(half)].filter(({ length }) => length > 0));
  return Object.assign(stream, { headers: { "content-type": type }, statusCode: 200 }) as unknown as IncomingMessage;
}

const answer: FuzzTarget = {
  seeds: [
    `application/json\n${JSON.stringify(result)}`,
    `application/json; x\n${JSON.stringify(failure)}`,
    `text/event-stream\n${event}`,
  ].map(bytes),
  words: [...jsonWords, "data: ", "\n\n", "\r", '"id":"7"', '"result":{}', '"error":{', "\x80"].map(bytes),
  error: GatewayError,
  run: async (input) => {
    const read = await readAnswer(responseOf(input), "7", 4_096);
    assertHolds("result" in read ? typeof read.result === "object" : read.error.message.length <= 2_048, "no answer");
  },
};

/** Parsers of untrusted input, by name. */
export const targets: Readonly<Record<string, FuzzTarget>> = { json, request, headers, tool, answer };
