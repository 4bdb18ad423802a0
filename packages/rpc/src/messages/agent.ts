// SPDX-License-Identifier: Apache-2.0
import type { BoolValue, Empty, Int64 } from "../message.ts";
import type {
  AgentMask,
  AgentMessage,
  AttestationDataMessage,
  SelectorMatchMessage,
  SpiffeIdMessage,
  X509SvidMessage,
} from "./types.ts";

/** Conditions on agents, ANDed; `by_expires_before` is text such as `2026-01-02 15:04:05 +0000 +00`. */
export interface AgentFilter {
  readonly by_attestation_type: string;
  readonly by_selector_match: SelectorMatchMessage | null;
  readonly by_banned: BoolValue | null;
  readonly by_can_reattest: BoolValue | null;
  readonly by_expires_before: string;
}

/** Asks for the number of agents. */
export interface CountAgentsRequest {
  readonly filter: AgentFilter | null;
}

/** Answers CountAgents. */
export interface CountAgentsResponse {
  readonly count: number;
}

/** Asks for a page of agents; `page_size` 0 = all. */
export interface ListAgentsRequest {
  readonly filter: AgentFilter | null;
  readonly output_mask: AgentMask | null;
  readonly page_size: number;
  readonly page_token: string;
}

/** Answers ListAgents. */
export interface ListAgentsResponse {
  readonly agents: readonly AgentMessage[];
  readonly next_page_token: string;
}

/** Asks for one agent. */
export interface GetAgentRequest {
  readonly id: SpiffeIdMessage | null;
  readonly output_mask: AgentMask | null;
}

/** Names the agent to delete. */
export interface DeleteAgentRequest {
  readonly id: SpiffeIdMessage | null;
}

/** Names the agent to ban. */
export interface BanAgentRequest {
  readonly id: SpiffeIdMessage | null;
}

/** A certificate request, PKCS#10 DER; only its public key counts. */
export interface AgentX509SvidParams {
  readonly csr: Buffer;
}

/** First message of an attestation. */
export interface AttestAgentParams {
  readonly data: AttestationDataMessage | null;
  readonly params: AgentX509SvidParams | null;
}

/** One step of the agent's side; `step` names the field that is set. */
export interface AttestAgentRequest {
  readonly step?: "params" | "challenge_response" | undefined;
  readonly params?: AttestAgentParams | undefined;
  readonly challenge_response?: Buffer | undefined;
}

/** The outcome of an attestation. */
export interface AttestAgentResult {
  readonly svid: X509SvidMessage | null;
  readonly reattestable: boolean;
}

/** One step of the server's side; `step` names the field that is set. */
export interface AttestAgentResponse {
  readonly step?: "result" | "challenge" | undefined;
  readonly result?: AttestAgentResult | undefined;
  readonly challenge?: Buffer | undefined;
}

/** Asks for a new SVID of the calling agent. */
export interface RenewAgentRequest {
  readonly params: AgentX509SvidParams | null;
}

/** Answers RenewAgent. */
export interface RenewAgentResponse {
  readonly svid: X509SvidMessage | null;
}

/** Asks for a join token; `ttl` in seconds, an empty `token` lets the server make one. */
export interface CreateJoinTokenRequest {
  readonly ttl: number;
  readonly token: string;
  readonly agent_id: SpiffeIdMessage | null;
}

/** What an agent tells of itself. */
export interface PostStatusRequest {
  readonly current_bundle_serial: Int64;
  readonly agent_version: string;
}

/** Answers PostStatus. */
export type PostStatusResponse = Empty;
