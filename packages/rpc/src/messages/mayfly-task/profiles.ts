// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/** What an agent may be at most. `ceiling_json` is a scope in JSON, selectors are `type:value`, the end in Unix milliseconds. */
export interface ProfileMessage {
  readonly name: string;
  readonly owner: string;
  readonly backup: string;
  /** T0 to T3. */
  readonly tier: string;
  readonly ceiling_json: string;
  readonly selectors: readonly string[];
  readonly expires_at_ms: Int64;
  /** active, suspended or retired. */
  readonly state: string;
  readonly revision: Int64;
  /** SPIFFE ID of the node or node alias that its tasks run on. */
  readonly parent_id: string;
}

/** The profile asked for. */
export interface GetProfileRequest {
  readonly name: string;
}

/** Which page; no token = the first. */
export interface ListProfilesRequest {
  readonly page_size: number;
  readonly page_token: string;
}

/** One page of the profiles; an empty token = the last one. */
export interface ListProfilesResponse {
  readonly profiles: readonly ProfileMessage[];
  readonly next_page_token: string;
}

/** Changes a profile's state and its tasks with it; `change` is suspend, resume or retire. */
export interface ChangeProfileRequest {
  readonly name: string;
  readonly change: string;
  readonly why: string;
}

/** A person who acts on tasks. Keys are lines `ssh-ed25519 AAAA… comment`; no `spiffe_ids` = known by key only. */
export interface OperatorMessage {
  readonly name: string;
  readonly keys: readonly string[];
  readonly roles: readonly OperatorRoleMessage[];
  readonly state: string;
  readonly spiffe_ids: readonly string[];
  readonly aliases: readonly string[];
}

/** A role (viewer, operator, approver or admin) over the agents below a path prefix; `/` = all. */
export interface OperatorRoleMessage {
  readonly role: string;
  readonly prefix: string;
}

/** Which page; no token = the first. */
export interface ListOperatorsRequest {
  readonly page_size: number;
  readonly page_token: string;
}

/** One page of the operators; an empty token = the last one. */
export interface ListOperatorsResponse {
  readonly operators: readonly OperatorMessage[];
  readonly next_page_token: string;
}

/** `change` is suspend, resume or remove. */
export interface ChangeOperatorRequest {
  readonly name: string;
  readonly change: string;
}
