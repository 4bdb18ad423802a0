// SPDX-License-Identifier: Apache-2.0
import type { Approval, ApprovalState } from "./approval/approval.ts";
import type { ApprovalUse } from "./approval/spend-approval.ts";
import type { BudgetCounter } from "./budget.ts";
import type { Evidence, Grant } from "./grant.ts";
import type { Operator } from "./operator/operator.ts";
import type { AgentProfile } from "./operator/profile.ts";
import type { Holdings, SubtreeEvent } from "./task/change-subtree.ts";
import type { EndReason, Task, TaskState } from "./task/task.ts";
import type { TaskId } from "./task/task-id.ts";
import type { TaskIdentity } from "./task/task-identity.ts";

/** What one act wrote, as it is stored now. */
export interface CommittedHoldings extends Holdings {
  /** Of the transaction; the revision of each thing in it. The last one when nothing changed. */
  readonly revision: number;
}

/** What must still hold in the transaction that creates a task. */
export interface CreateTaskGuard {
  /** The profile is active and at this revision. */
  readonly profile: { readonly name: string; readonly revision: number };
  /** Of a child: the parent is active, not past its end, at this revision, and has fewer children that have not ended. */
  readonly parent?: { readonly id: TaskId; readonly revision: number; readonly maxChildren: number } | undefined;
}

/** What came of creating a task. */
export type CreateTaskOutcome =
  | { readonly outcome: "created"; readonly task: Task }
  | { readonly outcome: "exists" }
  /** Profile or parent are not what they were: read and judge again. */
  | { readonly outcome: "changed" }
  | { readonly outcome: "too-many-children" };

/** All conditions are ANDed. */
export interface TaskFilter {
  readonly agent?: string | undefined;
  readonly owner?: string | undefined;
  readonly states?: readonly TaskState[] | undefined;
  /** Deadline at or before it. */
  readonly dueAt?: Date | undefined;
}

/** A part of a list: at most `limit` of what comes after the item with the id `after`. After an id that is not there comes nothing. */
export interface ListPage {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** What came of settling a subtree. */
export type SettleOutcome =
  | { readonly outcome: "settled"; readonly tasks: readonly Task[] }
  | { readonly outcome: "not-quiet"; readonly open: readonly Grant[] };

/** What one step of pruning came to. */
export interface PrunedTasks {
  /** Those of which nothing is left. */
  readonly tasks: readonly TaskId[];
  /** Nothing was left to delete. */
  readonly isDone: boolean;
}

/**
 * Tasks. Each method that writes is one transaction that reads, judges with the pure functions and writes: nothing that came between is
 * overlooked, and after a crash all of it is there or nothing. The registration entry of a task's identity is written and deleted with it.
 */
export interface TaskStore {
  /** With an `entry` grant for the identity. `at` is held against the parent's end. */
  create(task: Task, identity: TaskIdentity, guard: CreateTaskGuard, at: Date): Promise<CreateTaskOutcome>;
  get(id: TaskId): Promise<Task | undefined>;
  /** The task and all of its descendants, parents before children; empty when unknown. */
  subtree(id: TaskId): Promise<readonly Task[]>;
  /** The task and its ancestors, root last; empty when unknown. */
  lineage(id: TaskId): Promise<readonly Task[]>;
  /** Oldest first, at most `limit`, those after the id `after`. */
  list(
    filter: TaskFilter,
    page: { readonly limit: number; readonly after?: TaskId | undefined },
  ): Promise<readonly Task[]>;
  /** `changeSubtree` of a suspension or resumption. @throws {TaskError} TASK_UNKNOWN, ILLEGAL_TRANSITION, TASK_EXPIRED; nothing was changed */
  change(id: TaskId, event: Exclude<SubtreeEvent, { readonly event: "end" }>): Promise<CommittedHoldings>;
  /**
   * Ends subtrees, all in one transaction: from its commit on nothing can be opened, taken or approved in them. Unknown ids are passed
   * over. Idempotent: gives what changed. @throws {TaskError} ILLEGAL_TRANSITION for `expired` before the deadline
   */
  end(ids: readonly TaskId[], reason: EndReason, at: Date): Promise<CommittedHoldings>;
  /** `ending` → `ended` for the whole subtree, if `isQuiet` says so inside the transaction. Idempotent. */
  settle(id: TaskId, now: Date): Promise<SettleOutcome>;
  /**
   * Deletes tasks that ended (were settled) before an instant, with their calls, grants, leases, approvals, counters and tickets; never the
   * record. Children first; a task with an open call stays. One call deletes some `maxRows` rows, a large task in several.
   */
  prune(endedBefore: Date, maxRows: number): Promise<PrunedTasks>;
}

/** A ticket as it is stored: whoever shows it once becomes the task. */
export interface Ticket {
  /** SHA-256 of the ticket's UTF-8 bytes, lower-case hex: the ticket itself is never stored. */
  readonly hash: string;
  readonly taskId: TaskId;
  readonly expiresAt: Date;
}

/** What came of showing a ticket. An unknown, spent or expired one and one of a task that is not active look alike. */
export type RedeemOutcome = { readonly outcome: "redeemed"; readonly task: Task } | { readonly outcome: "refused" };

/** One-time tickets. */
export interface TicketStore {
  /** False when the hash is there already. */
  create(ticket: Ticket): Promise<boolean>;
  /** Spends it in one step, whatever comes of it: whoever comes second is refused. `by` is the SPIFFE ID of the agent it was shown to. */
  redeem(hash: string, by: string, now: Date): Promise<RedeemOutcome>;
  /** How many of those past their end were deleted. */
  prune(now: Date): Promise<number>;
}

/** What came of opening a grant. */
export type OpenGrantOutcome =
  | { readonly outcome: "opened"; readonly grant: Grant }
  /** The same id with the same task, kind, guard and ref: a repetition after a lost answer. */
  | { readonly outcome: "exists"; readonly grant: Grant }
  | { readonly outcome: "conflict" }
  | { readonly outcome: "task-not-active" };

/** What tasks hold. */
export interface GrantStore {
  /** In one statement with the check that the task is active and in time at `at`: none slips past an end. */
  open(grant: Grant, at: Date): Promise<OpenGrantOutcome>;
  get(id: string): Promise<Grant | undefined>;
  /** Of these tasks, in the order in which they were opened. */
  list(taskIds: readonly TaskId[]): Promise<readonly Grant[]>;
  /** Of one guard, not gone: what it has to account for after a restart. */
  listOf(guard: string): Promise<readonly Grant[]>;
  /** Only while its task is active. @throws {TaskError} GRANT_UNKNOWN, ILLEGAL_GRANT_STEP */
  extend(id: string, notAfter: Date, at: Date): Promise<Grant>;
  /** Orders its end. Idempotent. @throws {TaskError} GRANT_UNKNOWN */
  end(id: string): Promise<Grant>;
  /** Gone, with evidence. Idempotent: the first evidence stays. @throws {TaskError} GRANT_UNKNOWN, ILLEGAL_GRANT_STEP */
  prove(id: string, evidence: Evidence): Promise<Grant>;
  /** It could not be ended yet. @throws {TaskError} GRANT_UNKNOWN, ILLEGAL_GRANT_STEP */
  resist(id: string, problem: string): Promise<Grant>;
}

/** What came of creating an approval. */
export type CreateApprovalOutcome =
  | { readonly outcome: "created"; readonly approval: Approval }
  | { readonly outcome: "exists"; readonly approval: Approval }
  | { readonly outcome: "task-not-active" };

/** Approvals. Their use is written by `BudgetStore.take` alone. */
export interface ApprovalStore {
  /** In one statement with the check that the task is active at `requestedAt`. */
  create(approval: Approval): Promise<CreateApprovalOutcome>;
  get(id: string): Promise<Approval | undefined>;
  /** Oldest first; without a page all of them. */
  list(
    filter: { readonly state?: ApprovalState | undefined; readonly taskId?: TaskId | undefined },
    page?: ListPage,
  ): Promise<readonly Approval[]>;
  /**
   * Compare and set: written only while the stored one is at `next.revision`; gives what is stored then, or undefined when something came
   * before: read and judge again.
   */
  replace(next: Approval): Promise<Approval | undefined>;
  /** Expires the open ones that are past their end; gives them. */
  expire(now: Date): Promise<readonly Approval[]>;
}

/** One call that is about to be made. */
export interface CallClaim {
  readonly callId: string;
  readonly taskId: TaskId;
  /** The revision at which the call was judged. */
  readonly taskRevision: number;
  /** Name of the tool server. */
  readonly server: string;
  readonly tool: string;
  /** SPIFFE ID of the gateway that makes it. */
  readonly guard: string;
  /** From `countersOf`. */
  readonly counters: readonly BudgetCounter[];
  /** From `spendApproval`. */
  readonly use?: ApprovalUse | undefined;
  readonly at: Date;
}

/** What came of a claim. */
export type TakeOutcome =
  /** The call may be made, once. `repeated`: this task took this call before and nothing was taken now; it may be finished. */
  | { readonly outcome: "taken"; readonly repeated: boolean }
  /** Not active, past its end or at another revision: read and judge again. */
  | { readonly outcome: "task-changed" }
  | { readonly outcome: "budget-spent"; readonly counter: BudgetCounter }
  /** Used, denied or void meanwhile, or one of its operators is at another revision: read and judge again. */
  | { readonly outcome: "approval-changed" };

/** What calls use up. */
export interface BudgetStore {
  /**
   * Compare and set, all or nothing, in one transaction: the task is active, in time and at its revision; each counter is below its
   * limit and advances by one; the approval is at the revision judged, its operators too, and becomes the consumed one; the call is
   * begun (`CallStore`). Of any number of claims at once exactly as many are taken as the smallest counter has left, and one per approval.
   */
  take(claim: CallClaim): Promise<TakeOutcome>;
  /** Calls taken, by server and tool, of the task and its descendants together. */
  spent(taskId: TaskId): Promise<readonly { readonly server: string; readonly tool: string; readonly calls: number }[]>;
}

/** What came of writing a profile or operator. */
export type WriteOutcome<Value> =
  | { readonly outcome: "written"; readonly value: Value }
  /** Of a new one: the name is taken, or a key, alias or SPIFFE ID is another operator's. */
  | { readonly outcome: "conflict" }
  /** Stored at another revision, or not at all: read and judge again. */
  | { readonly outcome: "changed" };

/** Agent profiles. */
export interface ProfileStore {
  create(profile: AgentProfile): Promise<WriteOutcome<AgentProfile>>;
  get(name: string): Promise<AgentProfile | undefined>;
  /** By name. */
  list(): Promise<readonly AgentProfile[]>;
  /** Compare and set of all but `name` and `state`, on `next.revision`. Running tasks keep what they were given. */
  replace(next: AgentProfile): Promise<WriteOutcome<AgentProfile>>;
  /**
   * Compare and set of the state on `profile.revision`, with `changeAgentTasks` in the same transaction: suspended holds the agent's tasks
   * and their subtrees, active lifts that hold, retired ends them as `revoked` and is for ever.
   * @throws {TaskError} ILLEGAL_TRANSITION out of `retired`, or to the state that it has
   */
  change(
    profile: AgentProfile,
    state: AgentProfile["state"],
    at: Date,
  ): Promise<WriteOutcome<{ readonly profile: AgentProfile; readonly changed: CommittedHoldings }>>;
}

/** Operators; removed ones stay, so that a name is never somebody else's. */
export interface OperatorStore {
  /** With `findConflict` against all, in the transaction. */
  create(operator: Operator): Promise<WriteOutcome<Operator>>;
  get(name: string): Promise<Operator | undefined>;
  /** All, removed ones too, by name. */
  list(): Promise<readonly Operator[]>;
  /** Compare and set on `next.revision`, with `findConflict`. `removed` is for ever: then it is `changed`. */
  replace(next: Operator): Promise<WriteOutcome<Operator>>;
}
