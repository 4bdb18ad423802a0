// SPDX-License-Identifier: Apache-2.0
import type { Generated } from "kysely";

interface Tasks {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly parent_id: string | null;
  readonly root_id: string;
  readonly depth: number;
  readonly agent: string;
  readonly owner: string;
  readonly requested_by: string;
  readonly tier: string;
  /** As `formatScope` writes it. */
  readonly scope: string;
  readonly state: string;
  readonly reason: string | null;
  /** JSON array. */
  readonly holds: string;
  readonly created_at: number;
  readonly not_after: number;
  readonly entry_id: string;
  /** The entry, JSON. */
  readonly identity: string;
  readonly ended_at: number | null;
  readonly revision: number;
}

interface Grants {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly task_id: string;
  readonly kind: string;
  readonly guard: string;
  readonly ref: string;
  readonly not_after: number;
  readonly renewable: number;
  readonly state: string;
  /** JSON. */
  readonly evidence: string | null;
  readonly problem: string | null;
  readonly revision: number;
}

interface Approvals {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly task_id: string;
  readonly nonce: string;
  readonly not_after: number;
  /** JSON. */
  readonly request: string;
  /** What the approver is shown: clear arguments of a call. */
  readonly arguments: string;
  readonly state: string;
  /** JSON. */
  readonly votes: string;
  readonly consumed_by: string | null;
  readonly revision: number;
}

interface Profiles {
  readonly name: string;
  readonly owner: string;
  readonly backup: string | null;
  readonly tier: string;
  readonly ceiling: string;
  /** JSON array. */
  readonly selectors: string;
  readonly parent_id: string | null;
  readonly expires_at: number;
  readonly state: string;
  readonly revision: number;
}

/** Lists are JSON arrays. */
interface Operators {
  readonly name: string;
  readonly aliases: string;
  readonly spiffe_ids: string;
  readonly keys: string;
  readonly roles: string;
  readonly state: string;
  readonly revision: number;
}

interface Calls {
  readonly row_id: Generated<number>;
  readonly id: string;
  readonly task_id: string;
  readonly server: string;
  readonly tool: string;
  readonly guard: string;
  readonly approval_id: string | null;
  readonly begun_at: number;
  readonly state: string;
  readonly finished_at: number | null;
  readonly detail: string;
}

/** What a lease has beside its grant, which has the same id. */
interface Leases {
  readonly id: string;
  readonly call_id: string;
  readonly target: string;
  readonly mode: string;
  readonly account: string;
  readonly holder: string;
  readonly created_at: number;
  readonly issued: number;
}

interface UnmanagedAccounts {
  readonly target: string;
  readonly account: string;
  readonly last_activity: number | null;
  readonly can_login: number;
  readonly legacy: number;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly owner: string | null;
  readonly expires_at: number | null;
  readonly adopted_by: string | null;
  readonly rotated_at: number | null;
  readonly order_id: string | null;
  readonly order_kind: string | null;
  readonly order_verifier: string | null;
  readonly ordered_at: number | null;
  readonly order_problem: string | null;
}

interface PinnedTools {
  readonly server: string;
  readonly tool: string;
  readonly digest: string;
  readonly definition: string;
  readonly seen_digest: string;
  readonly seen_definition: string;
  readonly state: string;
  readonly pinned_by: string;
  readonly pinned_at: number;
  readonly seen_at: number;
  readonly revision: number;
}

/** Tables of tasks and the record. Instants are Unix milliseconds, booleans 0 or 1. */
export interface TaskSchema {
  readonly tasks: Tasks;
  readonly tickets: {
    readonly hash: string;
    readonly task_id: string;
    readonly expires_at: number;
    readonly shown_by: string | null;
    readonly shown_at: number | null;
  };
  readonly grants: Grants;
  readonly approvals: Approvals;
  readonly budget_counters: {
    readonly task_id: string;
    readonly server: string;
    readonly tool: string;
    readonly calls: number;
  };
  readonly profiles: Profiles;
  readonly operators: Operators;
  readonly calls: Calls;
  readonly leases: Leases;
  readonly unmanaged_accounts: UnmanagedAccounts;
  readonly pinned_tools: PinnedTools;
  readonly record_state: { readonly id: number; readonly size: number; readonly checkpoint: string | null };
  readonly record_entries: {
    readonly position: number;
    readonly entry: Uint8Array;
    readonly record_id: string | null;
    readonly task_id: string | null;
  };
  readonly record_tiles: { readonly level: number; readonly position: number; readonly hashes: Uint8Array };
}
