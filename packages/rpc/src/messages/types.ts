// SPDX-License-Identifier: Apache-2.0
import type { Empty, EnumValue, Int64 } from "../message.ts";

/** spire.api.types.SPIFFEID; `path` has its leading slash. */
export interface SpiffeIdMessage {
  readonly trust_domain: string;
  readonly path: string;
}

/** spire.api.types.Selector. */
export interface SelectorMessage {
  readonly type: string;
  readonly value: string;
}

/** Values of the two MatchBehavior enums. */
export type MatchBehaviorName = "MATCH_EXACT" | "MATCH_SUBSET" | "MATCH_SUPERSET" | "MATCH_ANY";

/** spire.api.types.SelectorMatch. */
export interface SelectorMatchMessage {
  readonly selectors: readonly SelectorMessage[];
  readonly match: EnumValue<MatchBehaviorName>;
}

/** spire.api.types.FederatesWithMatch. */
export interface FederatesWithMatchMessage {
  readonly trust_domains: readonly string[];
  readonly match: EnumValue<MatchBehaviorName>;
}

/** spire.api.types.Status: the result of one item of a batch; `code` is a gRPC status code. */
export interface StatusMessage {
  readonly code: number;
  readonly message: string;
}

/** Reasons that make an agent throw its identity away or attest again. */
export type PermissionDeniedReason =
  | "UNKNOWN"
  | "AGENT_EXPIRED"
  | "AGENT_NOT_ATTESTED"
  | "AGENT_NOT_ACTIVE"
  | "AGENT_BANNED"
  | "AGENT_MUST_REATTEST";

/** spire.api.types.PermissionDeniedDetails: travels as a status detail. */
export interface PermissionDeniedDetailsMessage {
  readonly reason: EnumValue<PermissionDeniedReason>;
}

/** spire.api.types.AttestationData. */
export interface AttestationDataMessage {
  readonly type: string;
  readonly payload: Buffer;
}

/** spire.api.types.JoinToken; `expires_at` in Unix seconds. */
export interface JoinTokenMessage {
  readonly value: string;
  readonly expires_at: Int64;
}

/** spire.api.types.X509SVID; `cert_chain` is DER, leaf first, root left out. */
export interface X509SvidMessage {
  readonly cert_chain: readonly Buffer[];
  readonly id: SpiffeIdMessage | null;
  readonly expires_at: Int64;
  readonly hint: string;
}

/** spire.api.types.JWTSVID; instants in Unix seconds. */
export interface JwtSvidMessage {
  readonly token: string;
  readonly id: SpiffeIdMessage | null;
  readonly expires_at: Int64;
  readonly issued_at: Int64;
  readonly hint: string;
}

/** spire.api.types.X509Certificate: one authority, DER. */
export interface X509CertificateMessage {
  readonly asn1: Buffer;
  readonly tainted: boolean;
}

/** spire.api.types.JWTKey; `public_key` is PKIX SubjectPublicKeyInfo, DER; `expires_at` 0 = never. */
export interface JwtKeyMessage {
  readonly public_key: Buffer;
  readonly key_id: string;
  readonly expires_at: Int64;
  readonly tainted: boolean;
}

/** spire.api.types.Bundle; `refresh_hint` in seconds. */
export interface BundleMessage {
  readonly trust_domain: string;
  readonly x509_authorities: readonly X509CertificateMessage[];
  readonly jwt_authorities: readonly JwtKeyMessage[];
  readonly refresh_hint: Int64;
  readonly sequence_number: Int64;
}

/** spire.api.types.BundleMask. */
export interface BundleMask {
  readonly x509_authorities: boolean;
  readonly jwt_authorities: boolean;
  readonly refresh_hint: boolean;
  readonly sequence_number: boolean;
}

/** spire.api.types.Agent; the serial number is decimal and empty for a banned agent. */
export interface AgentMessage {
  readonly id: SpiffeIdMessage | null;
  readonly attestation_type: string;
  readonly x509svid_serial_number: string;
  readonly x509svid_expires_at: Int64;
  readonly selectors: readonly SelectorMessage[];
  readonly banned: boolean;
  readonly can_reattest: boolean;
  readonly agent_version: string;
}

/** spire.api.types.AgentMask. */
export interface AgentMask {
  readonly attestation_type: boolean;
  readonly x509svid_serial_number: boolean;
  readonly x509svid_expires_at: boolean;
  readonly selectors: boolean;
  readonly banned: boolean;
  readonly can_reattest: boolean;
  readonly agent_version: boolean;
}

/** spire.api.types.Entry; TTLs in seconds, 0 = default; instants in Unix seconds, 0 = never. */
export interface EntryMessage {
  readonly id: string;
  readonly spiffe_id: SpiffeIdMessage | null;
  readonly parent_id: SpiffeIdMessage | null;
  readonly selectors: readonly SelectorMessage[];
  readonly x509_svid_ttl: number;
  readonly federates_with: readonly string[];
  readonly admin: boolean;
  readonly downstream: boolean;
  readonly expires_at: Int64;
  readonly dns_names: readonly string[];
  readonly revision_number: Int64;
  readonly store_svid: boolean;
  readonly jwt_svid_ttl: number;
  readonly hint: string;
  readonly created_at: Int64;
}

/** spire.api.types.EntryMask. */
export interface EntryMask {
  readonly spiffe_id: boolean;
  readonly parent_id: boolean;
  readonly selectors: boolean;
  readonly x509_svid_ttl: boolean;
  readonly federates_with: boolean;
  readonly admin: boolean;
  readonly downstream: boolean;
  readonly expires_at: boolean;
  readonly dns_names: boolean;
  readonly revision_number: boolean;
  readonly store_svid: boolean;
  readonly jwt_svid_ttl: boolean;
  readonly hint: boolean;
  readonly created_at: boolean;
}

/** spire.api.types.FederationRelationship; `bundle_endpoint_profile` names the profile that is set, if any. */
export interface FederationRelationshipMessage {
  readonly trust_domain: string;
  readonly bundle_endpoint_url: string;
  readonly bundle_endpoint_profile?: "https_web" | "https_spiffe" | undefined;
  readonly https_web?: Empty | undefined;
  readonly https_spiffe?: { readonly endpoint_spiffe_id: string } | undefined;
  readonly trust_domain_bundle: BundleMessage | null;
}

/** spire.api.types.FederationRelationshipMask. */
export interface FederationRelationshipMask {
  readonly bundle_endpoint_url: boolean;
  readonly bundle_endpoint_profile: boolean;
  readonly trust_domain_bundle: boolean;
}

/** Values of spire.api.types.LogLevel. */
export type LogLevelName = "UNSPECIFIED" | "PANIC" | "FATAL" | "ERROR" | "WARN" | "INFO" | "DEBUG" | "TRACE";

/** spire.api.types.Logger. */
export interface LoggerMessage {
  readonly current_level: EnumValue<LogLevelName>;
  readonly launch_level: EnumValue<LogLevelName>;
}
