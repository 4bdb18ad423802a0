// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as attestation from "./index.ts";

it("exports both sides of each method, the peer of a socket, and what finds a process again", () => {
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
    "readProcessSpace",
    "retakeProcess",
  ]);
});
