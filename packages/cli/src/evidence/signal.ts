// SPDX-License-Identifier: Apache-2.0
import type { LogRecord } from "@mayfly/journal";

/** Something that a record can show. An intent counts only while its outcome does not say that it was refused or failed. */
export interface Signal {
  /** What a count of it means, after the number: `3 identities of tasks were issued`. */
  readonly says: string;
  readonly shows: (record: LogRecord) => boolean;
}

/** Name of a signal. */
export type SignalName =
  | "records"
  | "identities"
  | "tasks"
  | "children"
  | "tickets"
  | "ticketsRefused"
  | "calls"
  | "outcomes"
  | "callsDenied"
  | "toolsListed"
  | "certificatesShown"
  | "requestable"
  | "budgetsSpent"
  | "requestsRefused"
  | "policyBound"
  | "argumentDigests"
  | "approvalsAsked"
  | "approvalsGiven"
  | "approvalsDenied"
  | "approvalsExpired"
  | "approvalsUsed"
  | "leases"
  | "leasesGone"
  | "unmanaged"
  | "grantsGone"
  | "ends"
  | "kills"
  | "quiet"
  | "suspensions"
  | "profiles"
  | "profilesChanged"
  | "retired"
  | "operators"
  | "operatorsChanged"
  | "toolsPinned"
  | "toolsQuarantined"
  | "toolsApproved";

/** A member of a record's body, where it is text. */
export function bodyText({ body }: LogRecord, name: string): string {
  const value = body[name];
  return typeof value === "string" ? value : "";
}

function act(kind: LogRecord["kind"], ...acts: readonly string[]): (record: LogRecord) => boolean {
  return (record) =>
    record.kind === kind &&
    record.phase !== "outcome" &&
    record.decision !== "deny" &&
    acts.includes(bodyText(record, "act"));
}

/**
 * Denied before its intent, or by what was found when it was taken: a budget, a change in between. What was asked about and not begun is
 * no call: a list of tools, a question of another enforcement point.
 */
function isCallDenied({ kind, phase, decision, tool, body }: LogRecord): boolean {
  if (kind === "call") return phase === "outcome" && body["result"] === "refused";
  const isAsked = body["act"] === "list" || body["act"] === "evaluation";
  return kind === "decision" && decision === "deny" && tool !== undefined && !isAsked;
}

function isCallIntent({ kind, phase }: LogRecord): boolean {
  return kind === "call" && phase === "intent";
}

/** All that is counted, by name. */
export const signals: Readonly<Record<SignalName, Signal>> = {
  records: { says: "records in the signed log", shows: () => true },
  identities: { says: "SVIDs of tasks issued, each with its serial", shows: ({ kind }) => kind === "issuance" },
  tasks: { says: "tasks started", shows: act("task", "start") },
  children: {
    says: "tasks delegated by another task",
    shows: (record) => act("task", "start")(record) && bodyText(record, "parent") !== "",
  },
  tickets: { says: "tickets redeemed by an attested process", shows: act("task", "redeem-ticket") },
  ticketsRefused: {
    says: "tickets refused",
    shows: ({ body, decision }) => body["act"] === "redeem-ticket" && decision === "deny",
  },
  calls: { says: "calls let through, recorded before they were made", shows: isCallIntent },
  outcomes: { says: "outcomes of calls", shows: ({ kind, phase }) => kind === "call" && phase === "outcome" },
  callsDenied: { says: "calls denied", shows: isCallDenied },
  toolsListed: {
    says: "lists of tools that were narrowed to the task",
    shows: ({ kind, body }) => kind === "decision" && body["act"] === "list" && body["shown"] !== undefined,
  },
  certificatesShown: {
    says: "acts recorded with the serial of the certificate that was shown",
    shows: ({ kind, phase, serial }) => kind !== "issuance" && phase !== "outcome" && serial !== undefined,
  },
  requestable: {
    says: "denials that a person could turn",
    shows: (record) => isCallDenied(record) && record.body["requestable"] === true,
  },
  budgetsSpent: {
    says: "calls denied because the budget was spent",
    shows: (record) => isCallDenied(record) && record.body["code"] === "BUDGET_SPENT",
  },
  requestsRefused: {
    says: "requests to the server refused",
    shows: ({ kind, decision, tool }) => kind === "decision" && decision === "deny" && tool === undefined,
  },
  policyBound: {
    says: "decisions that name their policy bundle",
    shows: ({ phase, policy_digest: digest }) => phase !== "outcome" && digest !== undefined,
  },
  argumentDigests: {
    says: "records with a keyed digest in place of arguments",
    shows: ({ args_digest: digest }) => digest !== undefined,
  },
  approvalsAsked: { says: "approvals asked for", shows: act("approval", "request") },
  approvalsGiven: { says: "approvals signed by a person", shows: act("approval", "approve") },
  approvalsDenied: { says: "approvals denied by a person", shows: act("approval", "deny") },
  approvalsExpired: { says: "approvals that ran out unanswered", shows: act("approval", "expire") },
  approvalsUsed: {
    says: "approvals used by the one call that they were for",
    shows: (record) => isCallIntent(record) && record.approval !== undefined,
  },
  leases: { says: "accounts made for one call", shows: act("lease", "begin") },
  leasesGone: {
    says: "accounts proven to be gone",
    shows: ({ kind, lease, body }) => kind === "grant" && lease !== undefined && body["state"] === "gone",
  },
  unmanaged: { says: "reports of accounts that no lease explains", shows: act("lease", "unmanaged") },
  grantsGone: {
    says: "grants proven to be gone, with evidence",
    shows: ({ kind, body }) => kind === "grant" && body["state"] === "gone",
  },
  ends: { says: "ends of tasks", shows: (record) => act("task", "end")(record) },
  kills: { says: "kills", shows: ({ kind, phase }) => kind === "kill" && phase !== "outcome" },
  quiet: { says: "ends that became quiet, with their times", shows: ({ kind }) => kind === "quiet" },
  suspensions: {
    says: "suspensions of tasks and agents",
    shows: (record) => act("task", "suspend")(record) || act("profile", "suspend")(record),
  },
  profiles: { says: "agents registered, each with owner and end", shows: act("profile", "create") },
  profilesChanged: { says: "changes of agents' profiles", shows: act("profile", "update", "suspend", "resume") },
  retired: { says: "agents retired", shows: act("profile", "retire") },
  operators: { says: "people registered by name", shows: act("operator", "create") },
  operatorsChanged: { says: "changes of people's rights", shows: act("operator", "suspend", "resume", "remove") },
  toolsPinned: { says: "tool definitions pinned", shows: act("policy", "pin-tool") },
  toolsQuarantined: { says: "tools quarantined after a change", shows: act("policy", "quarantine-tool") },
  toolsApproved: { says: "changed tools approved by a person", shows: act("policy", "approve-tool") },
};
