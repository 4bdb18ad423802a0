// SPDX-License-Identifier: Apache-2.0
import type { Generated } from "kysely";
import type { TaskSchema } from "./task-schema.ts";

/** Booleans are 0 or 1, instants Unix seconds. */
interface Entries {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly spiffe_id: string;
  readonly parent_id: string;
  /** Digest of the selectors as a set. */
  readonly selector_set: string;
  readonly x509_svid_ttl: number;
  readonly jwt_svid_ttl: number;
  readonly admin: number;
  readonly downstream: number;
  readonly expires_at: number;
  readonly revision_number: number;
  readonly store_svid: number;
  readonly hint: string;
  readonly created_at: number;
}

interface Selectors {
  /** `row_id` of the entry or node. */
  readonly owner: number;
  readonly position: number;
  readonly type: string;
  readonly value: string;
}

interface Nodes {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly attestation_type: string;
  readonly serial_number: string;
  readonly expires_at: number;
  readonly new_serial_number: string;
  readonly new_expires_at: number;
  readonly can_reattest: number;
  readonly agent_version: string;
}

interface JoinTokens {
  readonly hash: string;
  readonly expires_at: number;
  readonly agent_path: string | null;
  readonly retry_with_same_key: number;
  readonly used_by_key: string | null;
  readonly uses: number;
}

interface Bundles {
  readonly row_id: Generated<number>;
  readonly trust_domain: string;
  /** JSON, see `bundle-rows.ts`. */
  readonly x509_authorities: string;
  readonly jwt_authorities: string;
  readonly refresh_hint: number;
  /** Decimal: an unsigned 64-bit number does not fit an INTEGER. */
  readonly sequence_number: string;
  /** Revision of the last write: what `modify` compares. */
  readonly revision: number;
}

interface Authorities {
  readonly kind: string;
  readonly position: number;
  readonly id: string;
  readonly slot: string;
  readonly key_ref: string;
  readonly public_key: Uint8Array;
  readonly certificate: Uint8Array | null;
  /** Milliseconds. */
  readonly not_before: number;
  readonly not_after: number;
  readonly tainted: number;
  readonly revoked: number;
}

/** The tables, as the last migration leaves them. */
export interface Schema extends TaskSchema {
  readonly revision: { readonly id: number; readonly n: number };
  readonly entries: Entries;
  readonly entry_selectors: Selectors;
  readonly entry_dns_names: { readonly owner: number; readonly position: number; readonly name: string };
  readonly entry_federation: { readonly owner: number; readonly trust_domain: string };
  readonly nodes: Nodes;
  readonly node_selectors: Selectors;
  readonly join_tokens: JoinTokens;
  readonly bundles: Bundles;
  readonly authority_versions: { readonly kind: string; readonly version: number };
  readonly authorities: Authorities;
  readonly issuance_log: {
    readonly authority_id: string;
    readonly position: number;
    readonly batch: Uint8Array;
    readonly count: number;
  };
}
