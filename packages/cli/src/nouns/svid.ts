// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { mintJwt } from "../commands/svid/mint-jwt.ts";
import { mintX509 } from "../commands/svid/mint-x509.ts";
import { noun } from "./noun.ts";

/** `mayfly svid mint …`. */
export function svidNoun(): Command {
  const example = "mayfly svid mint x509 --spiffe-id spiffe://example.org/db --write .";
  const mint = noun("mint", ["issue without attestation", example], [mintX509(), mintJwt()]);
  return noun("svid", ["SVIDs for what cannot attest", example], [mint]);
}
