// SPDX-License-Identifier: Apache-2.0
import type { JoinTokenStore } from "@mayfly/registration";
import { AttestationError } from "../../errors.ts";
import type { NodeEvidence, NodeIdentity, NodeVerifier } from "../../ports.ts";
import { joinTokenType, maxTokenBytes, sha256Hex } from "./evidence.ts";

/** What checking join tokens needs. */
export interface JoinTokenVerifierOptions {
  /** Consumes a token in one statement: of many at the same time one wins. */
  readonly tokens: Pick<JoinTokenStore, "consume">;
  readonly now: () => Date;
}

/**
 * Spends a join token: whoever comes second is refused, and an expired token is spent, too. A token of an enrolment string may come again
 * with the same, proven key until it expires, so that a lost reply costs nothing. The agent's path comes from the stored token; equal
 * hashes make a plain token's presented bytes the stored ones. Such a node has no selectors and cannot attest again.
 * `verify` throws AttestationError JOIN_TOKEN_UNKNOWN, JOIN_TOKEN_EXPIRED, KEY_NOT_PROVEN.
 */
export function createJoinTokenVerifier({ tokens, now }: JoinTokenVerifierOptions): NodeVerifier {
  const verify = async ({ payload, spki, keyProven }: NodeEvidence): Promise<NodeIdentity> => {
    if (payload.length > maxTokenBytes) throw unknownToken();
    const spent = await tokens.consume(sha256Hex(payload), sha256Hex(spki), now());
    if (spent.outcome === "unknown") throw unknownToken();
    if (spent.outcome === "expired") throw new AttestationError("JOIN_TOKEN_EXPIRED", "join token expired");
    if (spent.token.retryWithSameKey && !keyProven) {
      throw new AttestationError("KEY_NOT_PROVEN", "failed to attest: the request is not signed by its own key");
    }
    const agentPath = spent.token.agentPath ?? `/${joinTokenType}/${Buffer.from(payload).toString("utf8")}`;
    return { agentPath, selectors: [], canReattest: false };
  };
  return { type: joinTokenType, verify };
}

function unknownToken(): AttestationError {
  return new AttestationError(
    "JOIN_TOKEN_UNKNOWN",
    "failed to attest: join token does not exist or has already been used",
  );
}
