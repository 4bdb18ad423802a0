// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../message.ts";

/** One authority: `authority_id` is a JWT `kid` or the hex SKI of a CA; `expires_at` in Unix seconds. */
export interface AuthorityStateMessage {
  readonly authority_id: string;
  readonly expires_at: Int64;
  readonly upstream_authority_subject_key_id: string;
}

/** The slots of one kind of authority; null = empty. */
export interface AuthorityStateResponse {
  readonly active: AuthorityStateMessage | null;
  readonly prepared: AuthorityStateMessage | null;
  readonly old: AuthorityStateMessage | null;
}

/** Names the authority to activate, taint or revoke. */
export interface AuthorityRequest {
  readonly authority_id: string;
}

/** Answers the prepare methods. */
export interface PrepareAuthorityResponse {
  readonly prepared_authority: AuthorityStateMessage | null;
}

/** Answers the activate methods. */
export interface ActivateAuthorityResponse {
  readonly activated_authority: AuthorityStateMessage | null;
}

/** Answers the taint methods. */
export interface TaintAuthorityResponse {
  readonly tainted_authority: AuthorityStateMessage | null;
}

/** Answers the revoke methods. */
export interface RevokeAuthorityResponse {
  readonly revoked_authority: AuthorityStateMessage | null;
}

/** Names an upstream authority by its hex SKI. */
export interface UpstreamAuthorityRequest {
  readonly subject_key_id: string;
}

/** Answers the methods on upstream authorities. */
export interface UpstreamAuthorityResponse {
  readonly upstream_authority_subject_key_id: string;
}
