// SPDX-License-Identifier: Apache-2.0
import { type Method, workloadApiService } from "@mayfly/rpc";
import { array, assert, constantFrom, dictionary, property, record, string, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJwtBundles, decodeX509Bundles, decodeX509Svids } from "../src/workload-api/decode-streams.ts";

const { methods } = workloadApiService;

// Fields of numbers that the contract does not have, one of each kind: varint, 64 bits, bytes, 32 bits.
const unknown = [
  [0x78, 0xac, 0x02],
  [0x79, 1, 2, 3, 4, 5, 6, 7, 8],
  [0x7a, 2, 1, 2],
  [0x7d, 1, 2, 3, 4],
].map((bytes) => Buffer.from(bytes));
const bytes = uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
const text = string({ unit: "grapheme", maxLength: 12 });
const bundles = dictionary(
  text.filter((key) => key !== "__proto__"),
  bytes,
  { maxKeys: 4 },
);
const svid = record({ spiffe_id: text, x509_svid: bytes, x509_svid_key: bytes, bundle: bytes, hint: text });

/** A decoder, what the contract's own makes of the same bytes, and messages for both. */
const decoders = [
  {
    name: "FetchX509SVID",
    method: methods.FetchX509SVID as Method<never, object>,
    decode: decodeX509Svids,
    message: record({
      svids: array(svid, { maxLength: 4 }),
      crl: array(bytes, { maxLength: 3 }),
      federated_bundles: bundles,
    }),
  },
  {
    name: "FetchX509Bundles",
    method: methods.FetchX509Bundles as Method<never, object>,
    decode: decodeX509Bundles,
    message: record({ crl: array(bytes, { maxLength: 3 }), bundles }),
  },
  {
    name: "FetchJWTBundles",
    method: methods.FetchJWTBundles as Method<never, object>,
    decode: decodeJwtBundles,
    message: record({ bundles }),
  },
];

describe.each(decoders)("the decoder of $name", ({ method, decode, message }) => {
  it("reads what the contract's own reads, unknown fields and repeated ones too", () => {
    assert(
      property(message, message, constantFrom(...unknown), (one, other, foreign) => {
        // Two messages in a row are one: lists go on, of single values the later counts (protobuf encoding, "last one wins").
        const wire = Buffer.concat([method.encodeResponse(one), foreign, method.encodeResponse(other), foreign]);
        expect(decode(wire)).toEqual(method.decodeResponse(wire));
      }),
    );
  });

  it("reads the default values from nothing", () => {
    expect(decode(Buffer.alloc(0))).toEqual(method.decodeResponse(Buffer.alloc(0)));
  });

  it.each([
    ["a cut tag", [0x80]],
    ["a number of a field that is 0", [0x02, 0]],
    ["a length beyond the end", [0x0a, 5, 1]],
    ["a number that does not end", [0x78, ...Array.from({ length: 11 }, () => 0xff)]],
    ["a tag of more than 32 bits", [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ["a group", [0x7b, 0x7c]],
    ["a kind that is none", [0x7f]],
    ["half a fixed number", [0x79, 1]],
  ])("refuses %s", (_what, wire) => {
    expect(() => decode(Buffer.from(wire))).toThrow(expect.objectContaining({ code: "BAD_RESPONSE" }));
  });
});

it("texts that are not UTF-8 and endless lists are refused", () => {
  const badText = Buffer.of(0x0a, 3, 0x0a, 1, 0xff);
  const endless = Buffer.concat(Array.from({ length: 5000 }, () => Buffer.of(0x12, 0)));
  for (const wire of [badText, endless])
    expect(() => decodeX509Svids(wire)).toThrow(expect.objectContaining({ code: "BAD_RESPONSE" }));
});
