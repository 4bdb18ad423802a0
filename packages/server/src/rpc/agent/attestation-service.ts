// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import {
  type AgentMethods,
  type AttestAgentRequest,
  type AttestAgentResponse,
  permissionDeniedDetail,
  type RenewAgentRequest,
  type RenewAgentResponse,
  type Sent,
  StatusError,
} from "@mayfly/rpc";
import { parseAttestationParams } from "../../node-attestor/evidence.ts";
import type { NodeAttestor } from "../../node-attestor/node-attestor.ts";
import { requireNode } from "../agent-caller.ts";
import type { Call, GuardedHandlers } from "../call.ts";
import { notImplemented } from "../not-implemented.ts";
import { toX509SvidMessage } from "../svid/svid-message.ts";
import { internal, invalidArgument } from "../wire/refusal.ts";
import { Exchange } from "./exchange.ts";

/** An attestation that takes longer is given up: anonymous callers must not collect open streams. */
const longestAttestationMs = 30_000;

async function* attestInTime(
  attestor: NodeAttestor,
  requests: AsyncIterable<AttestAgentRequest>,
  call: Call,
): AsyncGenerator<Sent<AttestAgentResponse>> {
  const timer = setTimeout(() => {
    call.end(new StatusError(status.DEADLINE_EXCEEDED, "the attestation took too long"));
  }, longestAttestationMs);
  try {
    yield* attest(attestor, requests);
  } finally {
    clearTimeout(timer);
  }
}

async function* attest(
  attestor: NodeAttestor,
  requests: AsyncIterable<AttestAgentRequest>,
): AsyncGenerator<Sent<AttestAgentResponse>> {
  const messages = requests[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done === true) throw invalidArgument("failed to receive request from stream: EOF");
  const params = parseAttestationParams(first.value);
  const exchange = new Exchange((challenge) => attestor.attest(params, challenge));
  for await (const challenge of exchange.challenges()) {
    yield { challenge };
    const answer = await messages.next();
    if (answer.done === true) throw internal("failed to receive challenge from agent: EOF");
    exchange.answer(answer.value.challenge_response ?? new Uint8Array());
  }
  const { issued, canReattest } = await exchange.result;
  yield { result: { svid: toX509SvidMessage(issued), reattestable: canReattest } };
}

async function renew(
  attestor: NodeAttestor,
  { params }: RenewAgentRequest,
  node: ReturnType<typeof requireNode>,
): Promise<Sent<RenewAgentResponse>> {
  if (node.canReattest) {
    throw new StatusError(status.PERMISSION_DENIED, "agent must reattest instead of renew", [
      permissionDeniedDetail("AGENT_MUST_REATTEST"),
    ]);
  }
  if (!params) throw invalidArgument("params cannot be nil");
  if (params.csr.length === 0) throw invalidArgument("missing CSR");
  return { svid: toX509SvidMessage(await attestor.renew(node, params.csr)) };
}

/** How nodes become agents and stay so. PostStatus is closed to everybody by the method table. */
export function agentAttestationHandlers(
  attestor: NodeAttestor,
): Pick<GuardedHandlers<AgentMethods>, "AttestAgent" | "RenewAgent" | "PostStatus"> {
  return {
    AttestAgent: (requests, call) => attestInTime(attestor, requests, call),
    RenewAgent: (request, { caller }) => renew(attestor, request, requireNode(caller)),
    PostStatus: () => Promise.reject(notImplemented("PostStatus")),
  };
}
