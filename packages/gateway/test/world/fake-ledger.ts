// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type {
  AskedApproval,
  BegunCall,
  CallFacts,
  CallLedger,
  CallOutcome,
  Denial,
  PlainDecision,
  SeenTool,
} from "../../src/index.ts";

interface StoredApproval {
  readonly id: string;
  readonly task: string;
  readonly digest: string;
  readonly policy: string;
  state: string;
}

/** A ledger in memory with the rules of the server's: intent, budget and approval by one act; one outcome for each intent. */
export class MemoryLedger implements CallLedger {
  readonly intents = new Map<string, CallFacts>();
  readonly outcomes = new Map<string, CallOutcome>();
  readonly denials: { readonly call: CallFacts; readonly denial: Denial }[] = [];
  readonly decisions: PlainDecision[] = [];
  readonly approvals: StoredApproval[] = [];
  readonly shown: string[] = [];
  readonly pins = new Map<string, string>();
  /** Calls left by tool; a tool that is not there has no budget. */
  readonly budget = new Map<string, number>();
  /** There = the record can't be written. */
  failure: Error | undefined;

  async begin(call: CallFacts): Promise<BegunCall> {
    this.#mayFail();
    const left = this.budget.get(call.tool);
    if (left === 0) return { refusal: "BUDGET_SPENT", message: "no call is left" };
    if (call.approvalId !== undefined) {
      const refusal = this.#spend(call, call.approvalId);
      if (refusal !== undefined) return { refusal, message: "the approval is not for this" };
    }
    if (left !== undefined) this.budget.set(call.tool, left - 1);
    const callId = `c-${randomUUID()}`;
    this.intents.set(callId, call);
    return { callId, recordIndex: BigInt(this.intents.size) };
  }

  async finish(callId: string, outcome: CallOutcome): Promise<void> {
    this.#mayFail();
    this.outcomes.set(callId, outcome);
  }

  async recordDenial(call: CallFacts, denial: Denial): Promise<void> {
    this.#mayFail();
    this.denials.push({ call, denial });
  }

  async recordDecision(decision: PlainDecision): Promise<void> {
    this.#mayFail();
    this.decisions.push(decision);
  }

  async requestApproval(call: CallFacts, argumentsJson: string): Promise<AskedApproval> {
    this.#mayFail();
    const open = this.approvals.find(
      ({ task, digest, state }) =>
        task === call.taskId && digest === call.canonicalDigest && (state === "pending" || state === "approved"),
    );
    const id = open?.id ?? `a-${randomUUID()}`;
    if (open === undefined) {
      this.shown.push(argumentsJson);
      const { taskId: task, canonicalDigest: digest, policyDigest: policy } = call;
      this.approvals.push({ id, task, digest, policy, state: "pending" });
    }
    return { approvalId: id, notAfter: new Date(Date.now() + 60_000), state: open?.state ?? "pending" };
  }

  async pinTool({ server, tool, digest }: SeenTool): Promise<boolean> {
    const name = `${server}/${tool}`;
    if (!this.pins.has(name)) this.pins.set(name, digest);
    return this.pins.get(name) === digest;
  }

  #spend(call: CallFacts, id: string): string | undefined {
    const approval = this.approvals.find((each) => each.id === id);
    if (approval === undefined || approval.state === "pending") return "APPROVAL_MISSING";
    if (approval.state === "consumed") return "APPROVAL_CONSUMED";
    const isSame =
      approval.task === call.taskId &&
      approval.digest === call.canonicalDigest &&
      approval.policy === call.policyDigest;
    if (!isSame || approval.state !== "approved") return "APPROVAL_VOID";
    approval.state = "consumed";
    return undefined;
  }

  #mayFail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
