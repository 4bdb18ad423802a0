// SPDX-License-Identifier: Apache-2.0
import type { Empty, EnumValue } from "../message.ts";
import type { BundleMask, BundleMessage, JwtKeyMessage, StatusMessage, X509CertificateMessage } from "./types.ts";

/** Asks for the number of bundles, the server's own included. */
export type CountBundlesRequest = Empty;

/** Answers CountBundles. */
export interface CountBundlesResponse {
  readonly count: number;
}

/** Asks for the server's own bundle. */
export interface GetBundleRequest {
  readonly output_mask: BundleMask | null;
}

/** Authorities to add to the server's own bundle. */
export interface AppendBundleRequest {
  readonly x509_authorities: readonly X509CertificateMessage[];
  readonly jwt_authorities: readonly JwtKeyMessage[];
  readonly output_mask: BundleMask | null;
}

/** A downstream server's JWT key to publish. */
export interface PublishJWTAuthorityRequest {
  readonly jwt_authority: JwtKeyMessage | null;
}

/** Answers PublishJWTAuthority with all JWT keys. */
export interface PublishJWTAuthorityResponse {
  readonly jwt_authorities: readonly JwtKeyMessage[];
}

/** Asks for a page of foreign bundles; `page_size` 0 = all. */
export interface ListFederatedBundlesRequest {
  readonly output_mask: BundleMask | null;
  readonly page_size: number;
  readonly page_token: string;
}

/** Answers ListFederatedBundles. */
export interface ListFederatedBundlesResponse {
  readonly bundles: readonly BundleMessage[];
  readonly next_page_token: string;
}

/** Asks for one foreign bundle. */
export interface GetFederatedBundleRequest {
  readonly trust_domain: string;
  readonly output_mask: BundleMask | null;
}

/** Foreign bundles to create. */
export interface BatchCreateFederatedBundleRequest {
  readonly bundle: readonly BundleMessage[];
  readonly output_mask: BundleMask | null;
}

/** Foreign bundles to change; an absent input mask replaces every field. */
export interface BatchUpdateFederatedBundleRequest {
  readonly bundle: readonly BundleMessage[];
  readonly input_mask: BundleMask | null;
  readonly output_mask: BundleMask | null;
}

/** Foreign bundles to create or replace. */
export interface BatchSetFederatedBundleRequest {
  readonly bundle: readonly BundleMessage[];
  readonly output_mask: BundleMask | null;
}

/** Outcome for one bundle of a batch. */
export interface BundleResult {
  readonly status: StatusMessage | null;
  readonly bundle: BundleMessage | null;
}

/** Answers the three batch writes of bundles, item by item. */
export interface BatchBundleResponse {
  readonly results: readonly BundleResult[];
}

/** What happens to entries that federate with a deleted bundle. */
export type DeleteBundleMode = "RESTRICT" | "DELETE" | "DISSOCIATE";

/** Foreign bundles to delete. */
export interface BatchDeleteFederatedBundleRequest {
  readonly trust_domains: readonly string[];
  readonly mode: EnumValue<DeleteBundleMode>;
}

/** Answers BatchDeleteFederatedBundle, item by item. */
export interface BatchDeleteFederatedBundleResponse {
  readonly results: readonly { readonly status: StatusMessage | null; readonly trust_domain: string }[];
}
