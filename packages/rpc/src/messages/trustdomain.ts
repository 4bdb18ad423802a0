// SPDX-License-Identifier: Apache-2.0
import type { FederationRelationshipMask, FederationRelationshipMessage, StatusMessage } from "./types.ts";

/** Asks for a page of relationships; `page_size` 0 = all. */
export interface ListFederationRelationshipsRequest {
  readonly output_mask: FederationRelationshipMask | null;
  readonly page_size: number;
  readonly page_token: string;
}

/** Answers ListFederationRelationships. */
export interface ListFederationRelationshipsResponse {
  readonly federation_relationships: readonly FederationRelationshipMessage[];
  readonly next_page_token: string;
}

/** Asks for one relationship. */
export interface GetFederationRelationshipRequest {
  readonly trust_domain: string;
  readonly output_mask: FederationRelationshipMask | null;
}

/** Relationships to create. */
export interface BatchCreateFederationRelationshipRequest {
  readonly federation_relationships: readonly FederationRelationshipMessage[];
  readonly output_mask: FederationRelationshipMask | null;
}

/** Relationships to change; an absent input mask replaces every field. */
export interface BatchUpdateFederationRelationshipRequest {
  readonly federation_relationships: readonly FederationRelationshipMessage[];
  readonly input_mask: FederationRelationshipMask | null;
  readonly output_mask: FederationRelationshipMask | null;
}

/** Outcome for one relationship of a batch. */
export interface FederationRelationshipResult {
  readonly status: StatusMessage | null;
  readonly federation_relationship: FederationRelationshipMessage | null;
}

/** Answers the two batch writes of relationships, item by item. */
export interface BatchFederationRelationshipResponse {
  readonly results: readonly FederationRelationshipResult[];
}

/** Relationships to delete, by trust domain. */
export interface BatchDeleteFederationRelationshipRequest {
  readonly trust_domains: readonly string[];
}

/** Answers BatchDeleteFederationRelationship, item by item. */
export interface BatchDeleteFederationRelationshipResponse {
  readonly results: readonly { readonly status: StatusMessage | null; readonly trust_domain: string }[];
}

/** Names the trust domain whose bundle is to be fetched now. */
export interface RefreshBundleRequest {
  readonly trust_domain: string;
}
