// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { createJoinTokenVerifier, createX509popVerifier, type NodeVerifier } from "@mayfly/attestation";
import type { JoinTokenStore } from "@mayfly/registration";
import { Certificate, parsePem } from "@mayfly/x509";
import type { Clock } from "../clock.ts";
import type { ServerConfig } from "../config/server-config.ts";
import { ServerStateError } from "../errors.ts";

function readRoots(file: string): Certificate[] {
  try {
    const roots = parsePem(readFileSync(file, "utf8"), "CERTIFICATE").map((der) => Certificate.parse(der));
    if (roots.length > 0) return roots;
  } catch (cause) {
    throw new ServerStateError("NODE_ROOTS_INVALID", `${JSON.stringify(file)}: ${(cause as Error).message}`, { cause });
  }
  throw new ServerStateError("NODE_ROOTS_INVALID", `${JSON.stringify(file)} holds no certificate`);
}

/** The methods of node attestation that the configuration switches on. @throws {ServerStateError} NODE_ROOTS_INVALID */
export function openNodeVerifiers(
  { nodeAttestors, trustDomain }: Pick<ServerConfig, "nodeAttestors" | "trustDomain">,
  { tokens, clock }: { tokens: JoinTokenStore; clock: Clock },
): NodeVerifier[] {
  const now = (): Date => clock.now();
  const { joinToken, x509pop } = nodeAttestors;
  return [
    ...(joinToken ? [createJoinTokenVerifier({ tokens, now })] : []),
    ...(x509pop ? [createX509popVerifier({ roots: readRoots(x509pop.caFile), trustDomain, now })] : []),
  ];
}
