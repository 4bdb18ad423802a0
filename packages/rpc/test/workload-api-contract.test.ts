// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { toStruct, workloadApiService } from "../src/index.ts";

const web = "spiffe://example.org/w";
const { methods } = workloadApiService;
const jwks = Buffer.from('{"keys":[]}');

// Encodings written down by another program (protobufjs on the standard's own file); the field numbers are the contract.
describe("the messages of the Workload API", () => {
  it.each([
    [
      "JWTSVIDRequest",
      methods.FetchJWTSVID.encodeRequest({ audience: ["a", "b"], spiffe_id: web }),
      "0a01610a016212167370696666653a2f2f6578616d706c652e6f72672f77",
    ],
    [
      "X509SVIDResponse",
      methods.FetchX509SVID.encodeResponse({
        svids: [
          { spiffe_id: web, x509_svid: Buffer.of(1), x509_svid_key: Buffer.of(2), bundle: Buffer.of(3), hint: "h" },
        ],
        federated_bundles: { "spiffe://other.org": Buffer.of(4) },
      }),
      "0a240a167370696666653a2f2f6578616d706c652e6f72672f771201011a01022201032a01681a170a127370696666653a2f2f6f746865722e6f7267120104",
    ],
    [
      "X509BundlesResponse",
      methods.FetchX509Bundles.encodeResponse({
        crl: [Buffer.of(9)],
        bundles: { "spiffe://example.org": Buffer.of(3) },
      }),
      "0a010912190a147370696666653a2f2f6578616d706c652e6f7267120103",
    ],
    [
      "JWTSVIDResponse",
      methods.FetchJWTSVID.encodeResponse({ svids: [{ spiffe_id: web, svid: "h.p.s", hint: "h" }] }),
      "0a220a167370696666653a2f2f6578616d706c652e6f72672f771205682e702e731a0168",
    ],
    [
      "JWTBundlesResponse",
      methods.FetchJWTBundles.encodeResponse({ bundles: { "spiffe://example.org": jwks } }),
      "0a230a147370696666653a2f2f6578616d706c652e6f7267120b7b226b657973223a5b5d7d",
    ],
    [
      "WITBundlesResponse",
      methods.FetchWITBundles.encodeResponse({ bundles: { "spiffe://example.org": jwks.toString() } }),
      "0a230a147370696666653a2f2f6578616d706c652e6f7267120b7b226b657973223a5b5d7d",
    ],
    [
      "ValidateJWTSVIDRequest",
      methods.ValidateJWTSVID.encodeRequest({ audience: "a", svid: "h.p.s" }),
      "0a01611205682e702e73",
    ],
    [
      "ValidateJWTSVIDResponse",
      methods.ValidateJWTSVID.encodeResponse({
        spiffe_id: web,
        claims: toStruct({ sub: web, aud: ["a"], exp: 1_700_000_000 }),
      }),
      "0a167370696666653a2f2f6578616d706c652e6f72672f7712430a1f0a0373756212181a167370696666653a2f2f6578616d706c652e6f72672f770a0e0a03617564120732050a031a01610a100a0365787012091100000040fc54d941",
    ],
    [
      "WITSVIDRequest",
      methods.FetchWITSVID.encodeRequest({ spiffe_id: web }),
      "0a167370696666653a2f2f6578616d706c652e6f72672f77",
    ],
    [
      "WITSVIDResponse",
      methods.FetchWITSVID.encodeResponse({
        svids: [{ spiffe_id: web, wit_svid: "h.p.s", wit_svid_key: "{}", hint: "h" }],
      }),
      "0a260a167370696666653a2f2f6578616d706c652e6f72672f771205682e702e731a027b7d220168",
    ],
  ])("%s is written as the standard has it", (_name, encoded, golden) => {
    expect(encoded.toString("hex")).toBe(golden);
  });

  it("come back as they went, with empty values for what is missing", () => {
    const response = methods.FetchX509SVID.decodeResponse(
      methods.FetchX509SVID.encodeResponse({ svids: [{ spiffe_id: web }] }),
    );
    const empty = Buffer.alloc(0);
    expect(response).toEqual({
      svids: [{ spiffe_id: web, x509_svid: empty, x509_svid_key: empty, bundle: empty, hint: "" }],
      crl: [],
      federated_bundles: {},
    });
    expect(methods.ValidateJWTSVID.decodeResponse(empty)).toEqual({ spiffe_id: "", claims: null });
  });

  it("have paths without a package", () => {
    expect(methods.FetchX509SVID.path).toBe("/SpiffeWorkloadAPI/FetchX509SVID");
    // ENDPOINT-16: exactly the seven methods of the standard.
    expect(Object.keys(methods)).toHaveLength(7);
  });
});
