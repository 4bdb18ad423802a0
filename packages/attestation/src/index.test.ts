// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as attestation from "./index.ts";

it("exports both sides of each method and the peer of a socket", () => {
  expect(Object.keys(attestation).toSorted()).toEqual([
    "AttestationError",
    "createJoinTokenAttestor",
    "createJoinTokenVerifier",
    "createUnixAttestor",
    "createX509popAttestor",
    "createX509popVerifier",
    "encodeEnrolment",
    "observeProcess",
    "openPeerProcess",
    "parseEnrolment",
    "pinOf",
  ]);
});
