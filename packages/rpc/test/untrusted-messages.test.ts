// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fromStruct,
  type Json,
  type Method,
  toStruct,
  workloadApiService,
  entryService,
  mayflyAgentService,
  mayflyCallsService,
  mayflyGuardsService,
  mayflyAccountsService,
  mayflyLeasesService,
  mayflyTaskBindingService,
  mayflyTasksService,
} from "../src/index.ts";

const { ValidateJWTSVID, FetchX509SVID } = workloadApiService.methods;

function roundTrip(claims: { readonly [key: string]: Json }): unknown {
  const decoded = ValidateJWTSVID.decodeResponse(ValidateJWTSVID.encodeResponse({ claims: toStruct(claims) }));
  return decoded.claims === null ? null : fromStruct(decoded.claims);
}

/** A length-delimited field. */
function field(number: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = body.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body]);
}

describe("a Struct", () => {
  it("carries any JSON object and gives it back", () => {
    const json = fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json),
      { maxKeys: 8 },
    );
    fc.assert(
      fc.property(json, (claims) => {
        expect(roundTrip(claims)).toEqual({ ...claims });
      }),
    );
  });

  it("that is nested without end is refused, not followed", () => {
    let value = field(4, Buffer.from("x"));
    // Value{6: ListValue{1: Value{…}}}, 2,000 deep.
    for (let depth = 0; depth < 2000; depth++) value = field(6, field(1, value));
    const claims = field(2, field(1, field(1, Buffer.from("k")), field(2, value)));
    expect(() => ValidateJWTSVID.decodeResponse(claims)).toThrow();
  });
});

describe("a map", () => {
  it("with the key __proto__ changes no prototype", () => {
    const entry = Buffer.concat([field(1, Buffer.from("__proto__")), field(2, Buffer.from("polluted"))]);
    const { federated_bundles } = FetchX509SVID.decodeResponse(field(3, entry));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf(Object.prototype)).toBeNull();
    expect(federated_bundles instanceof Uint8Array).toBe(false);
    const claims = field(
      2,
      field(
        1,
        field(1, Buffer.from("__proto__")),
        field(2, field(5, field(1, field(1, Buffer.from("x")), field(2, field(3, Buffer.from("y")))))),
      ),
    );
    const decoded = ValidateJWTSVID.decodeResponse(claims);
    const plain = fromStruct(decoded.claims ?? { fields: {} });
    expect(plain["x"]).toBeUndefined();
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

describe("decoding", () => {
  const methods = [
    ...Object.values(workloadApiService.methods),
    ...Object.values(entryService.methods),
    ...Object.values(mayflyAgentService.methods),
    ...Object.values(mayflyTasksService.methods),
    ...Object.values(mayflyGuardsService.methods),
    ...Object.values(mayflyCallsService.methods),
    ...Object.values(mayflyLeasesService.methods),
    ...Object.values(mayflyAccountsService.methods),
    ...Object.values(mayflyTaskBindingService.methods),
  ] as Method<unknown, unknown>[];

  it("of any bytes gives a message or throws an Error, and never hangs", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...methods), (bytes, method) => {
        for (const decode of [method.decodeRequest, method.decodeResponse]) {
          try {
            expect(typeof decode(Buffer.from(bytes))).toBe("object");
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
