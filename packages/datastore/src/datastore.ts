// SPDX-License-Identifier: Apache-2.0
import type { AuthorityStore, IssuanceLog } from "@mayfly/ca";
import type { BundleStore, EntryStore, JoinTokenStore, NodeStore, RevisionFeed } from "@mayfly/registration";
import type {
  AccountStore,
  ApprovalStore,
  BudgetStore,
  CallStore,
  GrantStore,
  LeaseStore,
  OperatorStore,
  ProfileStore,
  TaskStore,
  TicketStore,
  ToolStore,
} from "@mayfly/tasks";
import { SqliteAccountStore } from "./accounts/sqlite-account-store.ts";
import { SqliteApprovalStore } from "./approvals/sqlite-approval-store.ts";
import { SqliteAuthorityStore } from "./authorities/sqlite-authority-store.ts";
import { SqliteBudgetStore } from "./budgets/sqlite-budget-store.ts";
import { SqliteBundleStore } from "./bundles/sqlite-bundle-store.ts";
import { SqliteCallStore } from "./calls/sqlite-call-store.ts";
import { SqliteEntryStore } from "./entries/sqlite-entry-store.ts";
import { LocalRevisionFeed } from "./feed/local-revision-feed.ts";
import { SqliteGrantStore } from "./grants/sqlite-grant-store.ts";
import { SqliteIssuanceLog } from "./issuance-log/sqlite-issuance-log.ts";
import { SqliteJoinTokenStore } from "./join-tokens/sqlite-join-token-store.ts";
import { SqliteLeaseStore } from "./leases/sqlite-lease-store.ts";
import { SqliteNodeStore } from "./nodes/sqlite-node-store.ts";
import { SqliteOperatorStore } from "./operators/sqlite-operator-store.ts";
import { SqliteProfileStore } from "./profiles/sqlite-profile-store.ts";
import type { RecordStore } from "./record/record-store.ts";
import { SqliteRecordStore } from "./record/sqlite-record-store.ts";
import { SqliteTaskStore } from "./tasks/sqlite-task-store.ts";
import { StoreThread } from "./thread/store-thread.ts";
import { SqliteTicketStore } from "./tickets/sqlite-ticket-store.ts";
import { SqliteToolStore } from "./tools/sqlite-tool-store.ts";

/** How to open a datastore. */
export interface DatastoreOptions {
  /** Path of the database, created with mode 0600 if need be (its folder is not); `:memory:` is gone when it is closed. */
  readonly file: string;
  /** Name of the server's own trust domain: the bundle that authorities edit. */
  readonly trustDomain: string;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
}

/** All stores of one server. Closing it finishes what was asked for; later calls are refused with STORE_CLOSED. */
export interface Datastore extends AsyncDisposable {
  readonly entries: EntryStore;
  readonly nodes: NodeStore;
  readonly joinTokens: JoinTokenStore;
  readonly bundles: BundleStore;
  readonly authorities: AuthorityStore;
  readonly issuanceLog: IssuanceLog;
  readonly tasks: TaskStore;
  readonly tickets: TicketStore;
  readonly grants: GrantStore;
  readonly approvals: ApprovalStore;
  readonly budgets: BudgetStore;
  readonly profiles: ProfileStore;
  readonly operators: OperatorStore;
  readonly tools: ToolStore;
  readonly calls: CallStore;
  readonly leases: LeaseStore;
  readonly accounts: AccountStore;
  /** The record's; give it to one `LogWriter`. */
  readonly record: RecordStore;
  /** Reports what changes entries, nodes and bundles; join tokens, slots and the issuance log don't advance the revision. */
  readonly feed: RevisionFeed;
  /** Rejects with the StoreError when the store can't go on without a restart: a failed fsync, damage, a lost thread, a listener that threw. */
  readonly failed: Promise<never>;
}

/**
 * Opens the SQLite datastore: one thread owns the file, every write that is acknowledged is on the disk (WAL, `synchronous=FULL`).
 * All methods reject with {StoreError}: STORE_FULL and STORE_UNAVAILABLE may pass, anything else is for good.
 * @throws {StoreError} STORE_IN_USE, STORE_SCHEMA_NEWER, STORE_FOREIGN, STORE_CORRUPT, STORE_PERMISSIONS, STORE_SETTINGS, STORE_LIBRARY, STORE_UNAVAILABLE, STORE_FULL
 */
export async function openDatastore({ file, trustDomain, signal }: DatastoreOptions): Promise<Datastore> {
  const feed: LocalRevisionFeed = new LocalRevisionFeed(() => thread.read("feed", "revision", null));
  const thread = await StoreThread.open({ file }, (committed) => feed.publish(committed), signal);
  return {
    entries: new SqliteEntryStore(thread),
    nodes: new SqliteNodeStore(thread),
    joinTokens: new SqliteJoinTokenStore(thread),
    bundles: new SqliteBundleStore(thread),
    authorities: new SqliteAuthorityStore(thread, trustDomain),
    issuanceLog: new SqliteIssuanceLog(thread),
    tasks: new SqliteTaskStore(thread, `spiffe://${trustDomain}/spire/server`),
    tickets: new SqliteTicketStore(thread),
    grants: new SqliteGrantStore(thread),
    approvals: new SqliteApprovalStore(thread),
    budgets: new SqliteBudgetStore(thread),
    profiles: new SqliteProfileStore(thread),
    operators: new SqliteOperatorStore(thread),
    tools: new SqliteToolStore(thread),
    calls: new SqliteCallStore(thread),
    leases: new SqliteLeaseStore(thread),
    accounts: new SqliteAccountStore(thread),
    record: new SqliteRecordStore(thread),
    feed,
    failed: thread.failed,
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}
