// SPDX-License-Identifier: Apache-2.0
import type { Call, CallState } from "./call.ts";
import type { Evidence } from "./grant.ts";
import type { Lease, LeaseState } from "./lease.ts";
import type { PinnedTool } from "./pinned-tool.ts";
import type { ListPage } from "./stores.ts";
import type { TaskId } from "./task/task-id.ts";

/** How a call ended. */
export interface CallOutcome {
  readonly state: Exclude<CallState, "begun">;
  readonly detail: string;
  readonly at: Date;
}

/** Calls that were let through; `BudgetStore.take` begins them. */
export interface CallStore {
  get(id: string): Promise<Call | undefined>;
  /** Idempotent: the first outcome stays. undefined when there is no such call. */
  finish(id: string, outcome: CallOutcome): Promise<Call | undefined>;
  /** Of one gateway, begun and not finished, oldest first: what it has to account for after a restart. */
  openOf(guard: string): Promise<readonly Call[]>;
  /** The gateways that have such calls. */
  openGuards(): Promise<readonly string[]>;
  /** Of one task, oldest first. */
  list(taskId: TaskId): Promise<readonly Call[]>;
}

/** A tool's definition as a gateway sees it. */
export interface ToolSighting {
  readonly server: string;
  readonly tool: string;
  readonly digest: string;
  /** What the digest is of: canonical JSON (RFC 8785). */
  readonly definition: string;
  /** SPIFFE ID of the gateway, or name of the operator who approves. */
  readonly by: string;
  readonly at: Date;
}

/** What an operator takes for a tool's definition. */
export type ToolApproval = Omit<ToolSighting, "definition">;

/** Both definitions of a tool in canonical JSON, for who compares them: the same text twice when nothing else was seen. */
export interface ToolDefinitions {
  readonly trusted: string;
  readonly seen: string;
}

/** Pinned definitions of tools. */
export interface ToolStore {
  /** The first sighting pins; another definition quarantines the tool. Trust the sighted one only if the result is `pinned` with its digest. */
  see(sighting: ToolSighting): Promise<PinnedTool>;
  /** Pins the definition that was seen last, if it is this one; undefined when it is another: look again. */
  approve(approval: ToolApproval): Promise<PinnedTool | undefined>;
  get(server: string, tool: string): Promise<PinnedTool | undefined>;
  definitions(server: string, tool: string): Promise<ToolDefinitions | undefined>;
  /** By server and tool. */
  list(filter: {
    readonly server?: string | undefined;
    readonly state?: PinnedTool["state"] | undefined;
  }): Promise<readonly PinnedTool[]>;
}

/** A lease that is about to be made. */
export type NewLease = Omit<Lease, "state" | "evidence" | "problem" | "revision">;

/** What came of beginning a lease. */
export type BeginLeaseOutcome =
  | { readonly outcome: "begun"; readonly lease: Lease }
  /** The same id for the same call, account and guard: a repetition after a lost answer. */
  | { readonly outcome: "exists"; readonly lease: Lease }
  /** The id, or the account at the target, is another's. */
  | { readonly outcome: "conflict" }
  | { readonly outcome: "task-not-active" }
  /** The call was not taken by this task, or is finished. */
  | { readonly outcome: "call-not-open" };

/** What a broker says of a lease. */
export type LeaseReport =
  | { readonly state: "live" }
  | { readonly state: "revoking" }
  | { readonly state: "stuck"; readonly problem: string }
  | { readonly state: "gone"; readonly evidence: Evidence };

/** An account at a back-end that no lease owns. */
export interface UnmanagedAccount {
  readonly target: string;
  readonly account: string;
  /** undefined = not known. */
  readonly lastActivityAt?: Date | undefined;
  readonly canLogIn: boolean;
  /** Registered as a legacy account. */
  readonly isLegacy: boolean;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** Leases of secrets, and accounts that are nobody's. */
export interface LeaseStore {
  /** With its grant, in one statement with the check that task and call are open at `createdAt`. */
  begin(lease: NewLease): Promise<BeginLeaseOutcome>;
  get(id: string): Promise<Lease | undefined>;
  /** Oldest first; without a page all of them. */
  list(
    filter: {
      readonly taskId?: TaskId | undefined;
      readonly guard?: string | undefined;
      readonly states?: readonly LeaseState[] | undefined;
    },
    page?: ListPage,
  ): Promise<readonly Lease[]>;
  /**
   * `live` once the account is there; the others are steps of its grant. Idempotent. A lease whose end is ordered stays `revoking`
   * whatever is reported live.
   * @throws {TaskError} GRANT_UNKNOWN, ILLEGAL_GRANT_STEP
   */
  report(id: string, report: LeaseReport): Promise<Lease>;
  /** All accounts of a target that no lease owns: takes the place of what was reported of it before. */
  reportUnmanaged(
    target: string,
    accounts: readonly Omit<UnmanagedAccount, "target" | "firstSeenAt" | "lastSeenAt">[],
    at: Date,
  ): Promise<void>;
  /** By target and account. */
  unmanaged(): Promise<readonly UnmanagedAccount[]>;
}
