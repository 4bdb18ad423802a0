// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../../message.ts";

/** An account that was made for one call. Holds no secret; `evidence_json` is JSON, instants in Unix milliseconds. */
export interface LeaseMessage {
  readonly id: string;
  readonly task_id: string;
  readonly call_id: string;
  readonly target: string;
  /** brokered or leased. */
  readonly mode: string;
  /** issuing, live, revoking, stuck or gone. */
  readonly state: string;
  /** Its name at the back-end. */
  readonly account: string;
  readonly created_at_ms: Int64;
  readonly not_after_ms: Int64;
  /** SPIFFE ID of the tool server. */
  readonly holder: string;
  readonly evidence_json: string;
  readonly problem: string;
}

/** Asks for a lease before the back-end is touched; `statement` is the gateway's JWS of the call. */
export interface BeginLeaseRequest {
  readonly statement: string;
  readonly target: string;
  readonly mode: string;
  readonly holder: string;
  readonly ttl_seconds: Int64;
  /** What the account's name begins with: a lower-case letter, then up to 20 of these, digits and `_`; empty = `mayfly_`. */
  readonly account_prefix: string;
}

/** The durable intent. An empty `refusal` = go on; else nothing may be made, `refusal` is a stable code and there is no lease. */
export interface BeginLeaseResponse {
  readonly lease: LeaseMessage | null;
  readonly refusal: string;
  readonly message: string;
}

/** What became of a lease. */
export interface ReportLeaseRequest {
  readonly id: string;
  readonly state: string;
  readonly evidence_json: string;
  readonly problem: string;
}

/** An account at a back-end that no lease accounts for; last use in Unix milliseconds, 0 = not known. */
export interface UnmanagedAccountMessage {
  readonly target: string;
  readonly account: string;
  readonly last_activity_ms: Int64;
  readonly can_login: boolean;
  readonly legacy: boolean;
}

/** All accounts of this kind at a target. */
export interface ReportUnmanagedRequest {
  readonly target: string;
  readonly accounts: readonly UnmanagedAccountMessage[];
}

/** Filters; empty = not asked. */
export interface ListLeasesRequest {
  readonly task_id: string;
  readonly state: string;
  readonly page_size: number;
  readonly page_token: string;
}

/** One page of the leases that match or, after the last of them, of accounts that no lease accounts for; an empty token = the last one. */
export interface ListLeasesResponse {
  readonly leases: readonly LeaseMessage[];
  readonly unmanaged: readonly UnmanagedAccountMessage[];
  readonly next_page_token: string;
}

/** The lease asked for. */
export interface GetLeaseRequest {
  readonly id: string;
}

/** The lease to end. */
export interface RevokeLeaseRequest {
  readonly id: string;
  readonly why: string;
}
