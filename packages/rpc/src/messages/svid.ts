// SPDX-License-Identifier: Apache-2.0
import type { JwtSvidMessage, SpiffeIdMessage, StatusMessage, X509SvidMessage } from "./types.ts";

/** A PKCS#10 request, DER, with the SPIFFE ID as its URI SAN; `ttl` in seconds, 0 = default. */
export interface MintX509SVIDRequest {
  readonly csr: Buffer;
  readonly ttl: number;
}

/** Answers MintX509SVID. */
export interface MintX509SVIDResponse {
  readonly svid: X509SvidMessage | null;
}

/** Asks for a token of any identity; `ttl` in seconds, 0 = default. */
export interface MintJWTSVIDRequest {
  readonly id: SpiffeIdMessage | null;
  readonly audience: readonly string[];
  readonly ttl: number;
}

/** Answers MintJWTSVID. */
export interface MintJWTSVIDResponse {
  readonly svid: JwtSvidMessage | null;
}

/** One certificate wanted by an agent; `csr` is PKCS#10 DER. */
export interface NewX509SvidParams {
  readonly entry_id: string;
  readonly csr: Buffer;
}

/** Certificates wanted by an agent for its entries. */
export interface BatchNewX509SVIDRequest {
  readonly params: readonly NewX509SvidParams[];
}

/** Outcome for one certificate; `svid` only with status OK. */
export interface NewX509SvidResult {
  readonly status: StatusMessage | null;
  readonly svid: X509SvidMessage | null;
}

/** Answers BatchNewX509SVID, positional. */
export interface BatchNewX509SVIDResponse {
  readonly results: readonly NewX509SvidResult[];
}

/** Asks for a token of one of the calling agent's entries. */
export interface NewJWTSVIDRequest {
  readonly entry_id: string;
  readonly audience: readonly string[];
}

/** Answers NewJWTSVID. */
export interface NewJWTSVIDResponse {
  readonly svid: JwtSvidMessage | null;
}

/** A downstream server's CA request, PKCS#10 DER. */
export interface NewDownstreamX509CARequest {
  readonly csr: Buffer;
  readonly preferred_ttl: number;
}

/** DER certificates: the new CA with its intermediates, and the roots. */
export interface NewDownstreamX509CAResponse {
  readonly ca_cert_chain: readonly Buffer[];
  readonly x509_authorities: readonly Buffer[];
}
