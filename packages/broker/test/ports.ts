// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { on } from "node:events";
import { EventEmitter } from "node:events";
import type { GuardFeed, GuardOrder, GuardReport, TaskStanding } from "../src/guard/guard-feed.ts";
import { instantNow } from "../src/guard/silence.ts";
import { LeaseError } from "../src/errors.ts";
import type { Lease, LeaseReport, LeaseRequest } from "../src/lease/lease.ts";
import type { LeaseLedger, UnmanagedAccount } from "../src/lease/lease-ledger.ts";

/** The task of a statement, unverified: as the server would say it after its own look. */
function callOf(statement: string): { task: string; call: string } {
  const [, payload = ""] = statement.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as { task: string; call: string };
}

/** A ledger in a file: each line durable before it is answered. */
export class FileLedger implements LeaseLedger {
  readonly reports: LeaseReport[] = [];
  readonly unmanaged = new Map<string, readonly UnmanagedAccount[]>();
  /** Set to refuse: what the server would answer. */
  refusal = "";
  isDown = false;
  /** Leases whose end an operator ordered. */
  readonly ends = new Set<string>();
  readonly #leases = new Map<string, Lease>();
  readonly #file: number;

  constructor(path: string) {
    for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) this.#replay(line);
    this.#file = openSync(path, "a");
  }

  async begin(request: LeaseRequest): Promise<Lease> {
    await Promise.resolve();
    if (this.isDown) throw new Error("unavailable");
    if (this.refusal !== "") throw new LeaseError("REFUSED", "the server refused the lease", { reason: this.refusal });
    const { task, call } = callOf(request.statement);
    const { target, mode, holder, ttlSeconds } = request;
    const id = `l-${randomBytes(8).toString("hex")}`;
    const notAfter = new Date(Date.now() + ttlSeconds * 1000);
    const lease: Lease = {
      id,
      taskId: task,
      callId: call,
      target,
      mode,
      holder,
      notAfter,
      state: "issuing",
      account: "",
    };
    this.#append({ lease });
    this.#leases.set(id, lease);
    return lease;
  }

  async report(report: LeaseReport): Promise<void> {
    await Promise.resolve();
    if (this.isDown) throw new Error("unavailable");
    this.#append({ id: report.id, state: report.state });
    this.reports.push(report);
    this.#apply(report);
  }

  async list(): Promise<readonly Lease[]> {
    await Promise.resolve();
    if (this.isDown) throw new Error("unavailable");
    return [...this.#leases.values()];
  }

  async ordered(): Promise<readonly string[]> {
    await Promise.resolve();
    return [...this.ends];
  }

  async reportUnmanaged(target: string, accounts: readonly UnmanagedAccount[]): Promise<void> {
    await Promise.resolve();
    this.unmanaged.set(target, accounts);
  }

  close(): void {
    closeSync(this.#file);
  }

  #apply({ id, state }: Pick<LeaseReport, "id" | "state">): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    if (state === "gone") this.#leases.delete(id);
    else this.#leases.set(id, { ...lease, state });
  }

  #append(value: unknown): void {
    writeSync(this.#file, `${JSON.stringify(value)}\n`);
    fsyncSync(this.#file);
  }

  #replay(line: string): void {
    try {
      const value = JSON.parse(line) as {
        lease?: Lease & { notAfter: string };
        id: string;
        state: LeaseReport["state"];
      };
      if (value.lease === undefined) this.#apply(value);
      else this.#leases.set(value.lease.id, { ...value.lease, notAfter: new Date(value.lease.notAfter) });
    } catch {
      // The line that a kill cut off.
    }
  }
}

/** A feed whose other end is the test: heartbeats four times a second until it falls silent. */
export class TestFeed implements GuardFeed {
  readonly reports: GuardReport[] = [];
  isSilent = false;
  readonly #orders = new EventEmitter();
  readonly #tasks = new Map<string, TaskStanding>();
  #revision = 0;

  /** States a task; pushed. */
  say(taskId: string, state: TaskStanding["state"], over: Partial<TaskStanding> = {}): void {
    const notAfter = new Date(Date.now() + 3_600_000);
    const standing: TaskStanding = { taskId, state, tier: "T2", notAfter, ...over, revision: ++this.#revision };
    this.#tasks.set(taskId, standing);
    this.push({ tasks: [standing], isSnapshot: false });
  }

  push(order: GuardOrder): void {
    if (!this.isSilent) this.#orders.emit("order", { ...order, provenAt: instantNow() });
  }

  async *watch({ signal }: { readonly signal: AbortSignal }): AsyncIterable<GuardOrder> {
    const orders = on(this.#orders, "order", { signal });
    const beat = setInterval(() => this.push({ tasks: [], isSnapshot: false }), 250);
    try {
      yield { tasks: [...this.#tasks.values()], isSnapshot: true, provenAt: instantNow() };
      for await (const [order] of orders) yield order as GuardOrder;
    } finally {
      clearInterval(beat);
    }
  }

  async report(report: GuardReport): Promise<void> {
    await Promise.resolve();
    this.reports.push(report);
  }
}
