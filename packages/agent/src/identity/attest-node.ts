// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import type { NodeAttestor } from "@mayfly/attestation";
import { type AgentMethods, agentService, type AttestAgentRequest, type RpcChannel, type Sent } from "@mayfly/rpc";
import { AgentError } from "../errors.ts";
import { Outbox } from "../server/outbox.ts";
import { type AgentSvid, agentSvidOf, requestFor } from "./agent-svid.ts";

const timeoutMs = 30_000;

/** One attestation over a channel without client certificate: evidence, challenges, SVID. @throws {StatusError}; {AgentError} BAD_ANSWER; {AttestationError} */
export async function attestNode(
  channel: RpcChannel,
  attestor: NodeAttestor,
  options: { readonly key: KeyObject; readonly trustDomain: string; readonly signal: AbortSignal },
): Promise<AgentSvid> {
  const data = { type: attestor.type, payload: await attestor.evidence() };
  const answers = new Outbox<Sent<AttestAgentRequest>>({ params: { data, params: { csr: requestFor(options.key) } } });
  const method: AgentMethods["AttestAgent"] = agentService.methods.AttestAgent;
  for await (const { challenge, result } of channel.bidi(method, answers, { signal: options.signal, timeoutMs })) {
    if (result) {
      answers.end();
      const { trustDomain } = options;
      return agentSvidOf(result.svid?.cert_chain ?? [], options.key, { trustDomain, canReattest: result.reattestable });
    }
    answers.send({ challenge_response: Buffer.from(await attestor.respond(challenge ?? new Uint8Array())) });
  }
  throw new AgentError("BAD_ANSWER", "the server ended the attestation without a result");
}
