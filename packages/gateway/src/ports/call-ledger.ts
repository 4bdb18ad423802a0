// SPDX-License-Identifier: Apache-2.0
import type { Effect, TaskId } from "@mayfly/tasks";

/** A call with what it was decided on, as the record gets it. */
export interface CallFacts {
  readonly taskId: TaskId;
  readonly taskRevision: bigint;
  /** Of the SVID that the agent showed, hexadecimal. */
  readonly svidSerial: string;
  readonly server: string;
  readonly tool: string;
  readonly effect: Effect;
  /** `hmac-sha256:<hex>`: what the record holds. */
  readonly argumentsDigest: string;
  /** `sha-256:<hex>`: what approvals are bound to. */
  readonly canonicalDigest: string;
  readonly policyDigest: string;
  readonly policyIds: readonly string[];
  readonly approvalId?: string | undefined;
  readonly traceId: string;
  /** Of the gateway's span; it is not recorded. */
  readonly spanId: string;
  readonly decisionId: string;
}

/** Answer to `begin`: the call has an id and a durable intent, or must not be made. */
export type BegunCall =
  | { readonly callId: string; readonly recordIndex: bigint }
  | { readonly refusal: string; readonly message: string };

/** How a call that was begun ended. `unknown`: it may have happened. */
export interface CallOutcome {
  readonly outcome: "done" | "failed" | "unknown";
  /** A code, no text of the tool's. */
  readonly detail: string;
  readonly durationMs: number;
}

/** A call that was not let through. */
export interface Denial {
  readonly code: string;
  readonly message: string;
  readonly requestable: boolean;
}

/** A decision that begins no call: what a list showed, the answer to another enforcement point, or a refusal before any policy was asked. */
export interface PlainDecision {
  readonly kind: "list" | "evaluation" | "refused";
  readonly taskId?: TaskId | undefined;
  /** Of the SVID that was seen here, hexadecimal. */
  readonly svidSerial?: string | undefined;
  /** SPIFFE ID of the task. */
  readonly subject?: string | undefined;
  readonly server: string;
  readonly tool?: string | undefined;
  readonly allowed: boolean;
  /** Stable codes. */
  readonly reasons: readonly string[];
  /** Names of tools; of a list. */
  readonly shown?: readonly string[] | undefined;
  /** `hmac-sha256:<hex>`. */
  readonly argumentsDigest?: string | undefined;
  readonly policyDigest: string;
  readonly policyIds: readonly string[];
  readonly decisionId: string;
  readonly traceId?: string | undefined;
}

/** What became of asking people. */
export interface AskedApproval {
  readonly approvalId: string;
  readonly notAfter: Date;
  /** pending, approved, denied … */
  readonly state: string;
}

/** A tool as its server describes it now. */
export interface SeenTool {
  readonly server: string;
  readonly tool: string;
  /** `sha-256:<hex>` of the definition. */
  readonly digest: string;
  /** Canonical JSON (RFC 8785): what an operator is shown when it changed. */
  readonly definition: string;
}

/** Where calls are recorded and budgets and approvals are taken from: the server. Each method rejects when that can't be said to have happened. */
export interface CallLedger {
  /** Records the intent durably, takes budget and approval by compare-and-set. Nothing is done before its answer. */
  begin(call: CallFacts): Promise<BegunCall>;
  /** Records the outcome. Idempotent. */
  finish(callId: string, outcome: CallOutcome): Promise<void>;
  recordDenial(call: CallFacts, denial: Denial): Promise<void>;
  /** Records a decision; one of very many may only be counted. */
  recordDecision(decision: PlainDecision): Promise<void>;
  /** Asks for the approval of exactly this call; asking again gives the one that is open. `argumentsJson` is canonical: what the approver sees. */
  requestApproval(call: CallFacts, argumentsJson: string, ttlSeconds: number): Promise<AskedApproval>;
  /** Whether this is the definition that the tool is pinned to. */
  pinTool(tool: SeenTool): Promise<boolean>;
}
