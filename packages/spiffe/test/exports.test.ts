// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as spiffe from "../src/index.ts";

it("exports what the other packages may use, and nothing else", () => {
  expect(Object.keys(spiffe).sort()).toEqual([
    "BundleError",
    "BundleSet",
    "EndpointAddressError",
    "JwtBundle",
    "JwtSvidError",
    "PeerVerifier",
    "Revocations",
    "SpiffeBundle",
    "SpiffeError",
    "SpiffeId",
    "SpiffeIdError",
    "TrustDomain",
    "X509Bundle",
    "X509Svid",
    "X509SvidError",
    "anyPeer",
    "createRequest",
    "exact",
    "formatBundleMap",
    "matchPath",
    "memberOf",
    "oneOf",
    "parseBundleMap",
    "parseEndpointAddress",
    "parseJwtSvid",
    "verifyJwtSvid",
    "verifyPeer",
  ]);
});
