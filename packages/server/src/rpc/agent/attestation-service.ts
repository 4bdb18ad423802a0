// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { type AttestAgentRequest, type AttestAgentResponse, type RenewAgentRequest, StatusError } from "@mayfly/rpc";
import { parseAttestationParams } from "../../node-attestor/evidence.ts";
import type { NodeAttestor } from "../../node-attestor/node-attestor.ts";
import { requireNode } from "../agent-caller.ts";
import { type CallStream, type Handlers, streaming, unary } from "../handler.ts";
import { encodePermissionDenied } from "../permission-denied.ts";
import { toX509SvidMessage } from "../svid/svid-message.ts";
import { internal, invalidArgument } from "../wire/refusal.ts";

type AttestStream = CallStream<AttestAgentRequest, Partial<AttestAgentResponse>>;

async function attest(attestor: NodeAttestor, stream: AttestStream): Promise<void> {
  const first = await stream.next();
  if (first === undefined) throw invalidArgument("failed to receive request from stream: EOF");
  const result = await attestor.attest(parseAttestationParams(first), async (challenge) => {
    await stream.send({ challenge: Buffer.from(challenge) });
    const answer = await stream.next();
    if (answer === undefined) throw internal("failed to receive challenge from agent: EOF");
    return answer.challenge_response ?? new Uint8Array();
  });
  await stream.send({ result: { svid: toX509SvidMessage(result.issued), reattestable: result.canReattest } });
}

async function renew(attestor: NodeAttestor, { params }: RenewAgentRequest, node: ReturnType<typeof requireNode>): Promise<object> {
  if (node.canReattest) {
    throw new StatusError(status.PERMISSION_DENIED, "agent must reattest instead of renew", [
      encodePermissionDenied("AGENT_MUST_REATTEST"),
    ]);
  }
  if (!params) throw invalidArgument("params cannot be nil");
  if (params.csr.length === 0) throw invalidArgument("missing CSR");
  return { svid: toX509SvidMessage(await attestor.renew(node, params.csr)) };
}

/** How nodes become agents and stay so. PostStatus is closed to everybody by the method table. */
export function agentAttestationHandlers(attestor: NodeAttestor): Handlers {
  return {
    AttestAgent: streaming((stream: AttestStream) => attest(attestor, stream)),
    RenewAgent: unary((request: RenewAgentRequest, { caller }) => renew(attestor, request, requireNode(caller))),
    PostStatus: unary(() => Promise.reject(new StatusError(status.UNIMPLEMENTED, "unimplemented"))),
  };
}
