// SPDX-License-Identifier: Apache-2.0
import { AttestationError } from "../../errors.ts";
import type { NodeAttestor } from "../../ports.ts";
import { joinTokenType } from "./evidence.ts";

/** Proves a node by a join token: the payload is the token's UTF-8 bytes, and there is no challenge. The token may be an enrolment string's, too. */
export function createJoinTokenAttestor(token: string): NodeAttestor {
  return {
    type: joinTokenType,
    evidence: async () => Buffer.from(token, "utf8"),
    respond: async () => {
      throw new AttestationError("UNEXPECTED_CHALLENGE", "the server sent a challenge, and join_token knows none");
    },
  };
}
