// SPDX-License-Identifier: Apache-2.0
import type { Empty } from "../message.ts";
import type { StructMessage } from "./struct.ts";

/** Asks for all X.509 identities of the caller. */
export type X509SVIDRequest = Empty;

/** One X.509 identity: concatenated DER, leaf first; PKCS#8 DER; the bundle of its trust domain as concatenated DER. */
export interface WorkloadX509Svid {
  readonly spiffe_id: string;
  readonly x509_svid: Buffer;
  readonly x509_svid_key: Buffer;
  readonly bundle: Buffer;
  readonly hint: string;
}

/** The whole X.509 state of the caller; federated bundles by `spiffe://<trust domain>`. */
export interface X509SVIDResponse {
  readonly svids: readonly WorkloadX509Svid[];
  readonly crl: readonly Buffer[];
  readonly federated_bundles: Readonly<Record<string, Buffer>>;
}

/** Asks for the X.509 bundles. */
export type X509BundlesRequest = Empty;

/** All X.509 bundles by `spiffe://<trust domain>`, concatenated DER. */
export interface X509BundlesResponse {
  readonly crl: readonly Buffer[];
  readonly bundles: Readonly<Record<string, Buffer>>;
}

/** Asks for tokens; an empty `spiffe_id` = one for each identity. */
export interface JWTSVIDRequest {
  readonly audience: readonly string[];
  readonly spiffe_id: string;
}

/** One token, JWS compact form. */
export interface WorkloadJwtSvid {
  readonly spiffe_id: string;
  readonly svid: string;
  readonly hint: string;
}

/** Answers FetchJWTSVID; at least one. */
export interface JWTSVIDResponse {
  readonly svids: readonly WorkloadJwtSvid[];
}

/** Asks for the JWT bundles. */
export type JWTBundlesRequest = Empty;

/** All JWT bundles by `spiffe://<trust domain>`, a JWK Set as UTF-8 JSON each. */
export interface JWTBundlesResponse {
  readonly bundles: Readonly<Record<string, Buffer>>;
}

/** A token to check for one audience. */
export interface ValidateJWTSVIDRequest {
  readonly audience: string;
  readonly svid: string;
}

/** The facts of a valid token. */
export interface ValidateJWTSVIDResponse {
  readonly spiffe_id: string;
  readonly claims: StructMessage | null;
}

/** Asks for WIT-SVIDs (optional profile). */
export interface WITSVIDRequest {
  readonly spiffe_id: string;
}

/** One WIT-SVID with its private JWK as JSON. */
export interface WorkloadWitSvid {
  readonly spiffe_id: string;
  readonly wit_svid: string;
  readonly wit_svid_key: string;
  readonly hint: string;
}

/** Answers FetchWITSVID. */
export interface WITSVIDResponse {
  readonly svids: readonly WorkloadWitSvid[];
}

/** Asks for the WIT bundles. */
export type WITBundlesRequest = Empty;

/** All WIT bundles by `spiffe://<trust domain>`, a JWK Set as JSON text each. */
export interface WITBundlesResponse {
  readonly bundles: Readonly<Record<string, string>>;
}
