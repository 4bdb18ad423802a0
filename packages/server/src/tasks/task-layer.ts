// SPDX-License-Identifier: Apache-2.0
import type { Signer } from "@mayfly/ca";
import type { Datastore } from "@mayfly/datastore";
import type { LogWriter } from "@mayfly/journal";
import type { RegistrationEntry } from "@mayfly/registration";
import type { Logger, SpanSink } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import type { AuthorizedEntries } from "../views/authorized-entries.ts";
import type { LiveViews } from "../views/live-views.ts";
import type { OpenCalls } from "./calls/open-calls.ts";
import type { Endings } from "./ending/endings.ts";
import type { RemovedEntries } from "./ending/removed-entries.ts";
import type { SvidLifetimes, Withdrawal } from "./ending/withdrawal.ts";
import type { DecisionSums } from "./record/decision-sums.ts";
import type { Recorder } from "./record/recorder.ts";
import type { GuardHub } from "./standing/guard-hub.ts";
import type { LiveTasks } from "./standing/live-tasks.ts";

/** The stores that tasks live in. */
type TaskLayerStores = Pick<
  Datastore,
  | "tasks"
  | "tickets"
  | "grants"
  | "approvals"
  | "budgets"
  | "profiles"
  | "operators"
  | "record"
  | "tools"
  | "calls"
  | "leases"
  | "accounts"
>;

/** What acts on tasks are done with. Disposing ends what follows ends and deadlines, then the record. */
export interface TaskLayer extends AsyncDisposable {
  readonly trustDomain: string;
  /** SPIFFE ID of this server: the guard of entries. */
  readonly serverId: string;
  readonly stores: TaskLayerStores;
  readonly entries: Datastore["entries"];
  readonly nodes: Datastore["nodes"];
  readonly views: LiveViews;
  readonly authorized: AuthorizedEntries;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spans: SpanSink;
  readonly writer: LogWriter;
  readonly vkey: string;
  readonly recorder: Recorder;
  readonly decisionSums: DecisionSums;
  readonly live: LiveTasks;
  readonly guards: GuardHub;
  readonly endings: Endings;
  readonly removed: RemovedEntries;
  readonly openCalls: OpenCalls;
  readonly lifetimes: SvidLifetimes;
  /** Follows deleted entries that no task stands behind until no agent holds them. */
  withdraw(entries: readonly RegistrationEntry[]): Withdrawal;
  /** Records the SVIDs of tasks. */
  readonly signer: Signer;
}
