// SPDX-License-Identifier: Apache-2.0
import type { Int64 } from "../message.ts";
import type { BundleMessage, EntryMessage, StatusMessage } from "./types.ts";

/** First message of a Sync stream: what the agent holds. */
export interface SyncOpen {
  readonly entries_digest: Buffer;
  readonly bundles_digest: Buffer;
  readonly seen_revision: Int64;
  readonly agent_version: string;
}

/** Versions by id of everything that the agent holds. */
export interface SyncVersions {
  readonly entries: Readonly<Record<string, string>>;
  readonly bundles: Readonly<Record<string, string>>;
}

/** Sent after a response was applied. */
export interface SyncAck {
  readonly nonce: Int64;
  readonly revision: Int64;
}

/** One message of the agent; `step` names the field that is set. */
export interface SyncRequest {
  readonly step?: "open" | "versions" | "ack" | undefined;
  readonly open?: SyncOpen | undefined;
  readonly versions?: SyncVersions | undefined;
  readonly ack?: SyncAck | undefined;
}

/** An entry with the version that the digest is made of. */
export interface VersionedEntry {
  readonly version: string;
  readonly entry: EntryMessage | null;
}

/** A bundle with the version that the digest is made of. */
export interface VersionedBundle {
  readonly version: string;
  readonly bundle: BundleMessage | null;
}

/** One message of the server: a delta, or the question for Versions. */
export interface SyncResponse {
  readonly nonce: Int64;
  readonly revision: Int64;
  readonly send_versions: boolean;
  readonly entries: readonly VersionedEntry[];
  readonly removed_entry_ids: readonly string[];
  readonly bundles: readonly VersionedBundle[];
  readonly removed_bundles: readonly string[];
  readonly entries_digest: Buffer;
  readonly bundles_digest: Buffer;
  readonly more: boolean;
}

/** A public key (SPKI DER) to certify for an entry. */
export interface KeyToCertify {
  readonly entry_id: string;
  readonly public_key: Buffer;
}

/** At most 500 keys. */
export interface IssueX509Request {
  readonly keys: readonly KeyToCertify[];
}

/** Outcome for one key; the chain is DER, leaf first, root left out, only with status OK. */
export interface IssuedSvid {
  readonly status: StatusMessage | null;
  readonly cert_chain: readonly Buffer[];
  readonly expires_at: Int64;
}

/** Answers IssueX509, positional. */
export interface IssueX509Response {
  readonly results: readonly IssuedSvid[];
}
