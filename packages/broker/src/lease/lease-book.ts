// SPDX-License-Identifier: Apache-2.0
import { SpiffeId } from "@mayfly/spiffe";
import { type Logger, noSpans, type SpanSink } from "@mayfly/telemetry";
import { LeaseError } from "../errors.ts";
import type { TaskWatch } from "../guard/task-watch.ts";
import { accountOf } from "../postgres/account-name.ts";
import type { Account, PostgresTarget } from "../postgres/postgres-target.ts";
import { endLease } from "./end-lease.ts";
import { HeldLease } from "./held-lease.ts";
import type { Lease, LeaseRequest } from "./lease.ts";
import type { LeaseLedger } from "./lease-ledger.ts";
import { LeaseSpan } from "./lease-span.ts";
import { Outbox } from "./outbox.ts";

/** What a `LeaseBook` works with. */
export interface LeaseBookParts {
  readonly targets: ReadonlyMap<string, PostgresTarget>;
  readonly ledger: LeaseLedger;
  readonly watch: Pick<TaskWatch, "assertActive" | "isFenced">;
  readonly logger: Logger;
  /** Default: nowhere. */
  readonly spans?: SpanSink | undefined;
  /** The broker's SPIFFE ID. */
  readonly by: () => string;
  /** Told whenever a lease becomes gone or stuck. */
  readonly onChange?: ((held: HeldLease) => void) | undefined;
  /** Of one task at once; default 64. */
  readonly maxLeasesPerTask?: number | undefined;
  /** Default 8. */
  readonly maxLeasesPerCall?: number | undefined;
  /** Default 500. */
  readonly firstRetryMs?: number | undefined;
}

/** The call that a lease is for, by a verified statement. */
export interface LeaseCall {
  readonly taskId: string;
  readonly callId: string;
}

/** A lease in force, with its account. */
export interface OpenedLease {
  readonly held: HeldLease;
  readonly account: Account;
  readonly target: PostgresTarget;
}

/** The leases that this broker has in hand: begins them, ends them, knows their state. */
export class LeaseBook implements AsyncDisposable {
  readonly #parts: LeaseBookParts;
  readonly #held = new Map<string, HeldLease>();
  readonly #byTask = new Map<string, Set<HeldLease>>();
  readonly #beginning = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();
  readonly #outbox: Outbox;
  #isClosing = false;

  constructor(parts: LeaseBookParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts.ledger, parts.logger, this.#stop.signal);
  }

  /**
   * Begins a lease for an authenticated tool server; the statement in it is verified, `call` is what it says.
   * @throws {LeaseError} UNKNOWN_TARGET, TASK_NOT_ACTIVE, FENCED, REFUSED, TOO_MANY, CLOSING, BAD_ACCOUNT, TARGET_UNAVAILABLE
   */
  async open(request: Omit<LeaseRequest, "accountPrefix">, call: LeaseCall): Promise<OpenedLease> {
    const { taskId } = call;
    const target = this.#parts.targets.get(request.target);
    if (this.#isClosing) throw new LeaseError("CLOSING", "the broker is stopping");
    const isOpenTo = target?.config.toolServers?.(SpiffeId.parse(request.holder)) ?? true;
    if (target === undefined || !isOpenTo) throw new LeaseError("UNKNOWN_TARGET", "there is no such target");
    const { notAfter } = this.#parts.watch.assertActive(taskId);
    this.#assertFew(call);
    const span = new LeaseSpan(this.#spans, "lease open");
    try {
      const asked = { ...request, accountPrefix: target.rolePrefix };
      const held = await this.#begin(asked, { ...call, notAfter, target });
      held.trace = span.context;
      const opened = await this.#open(held, target);
      span.end(held.lease);
      return opened;
    } catch (error) {
      span.end({ ...request, ...call }, error);
      throw error;
    }
  }

  async #open(held: HeldLease, target: PostgresTarget): Promise<OpenedLease> {
    const making = this.#make(held, target);
    held.making = making.then(
      () => undefined,
      () => undefined,
    );
    try {
      const account = await making;
      // What happened meanwhile counts.
      this.#assertWanted(held);
      held.state = "live";
      this.#outbox.put({ id: held.lease.id, state: "live" });
      return { held, account, target };
    } catch (error) {
      void this.end(held, "not-made");
      throw error;
    }
  }

  /** Of a task, not gone yet. */
  ofTask(taskId: string): readonly HeldLease[] {
    return [...(this.#byTask.get(taskId) ?? [])];
  }

  get(id: string): HeldLease | undefined {
    return this.#held.get(id);
  }

  get all(): readonly HeldLease[] {
    return [...this.#held.values()];
  }

  /** Ends a lease; resolves when it is gone, however long that takes, or when the broker stops. */
  async end(held: HeldLease, why: string): Promise<void> {
    held.ending ??= this.#end(held, why);
    await held.ending;
  }

  /** Ends what the server knows and this process does not: left by one that was killed. Its credential is lost, and with it its use. */
  async endForeign(lease: Lease): Promise<void> {
    const target = this.#parts.targets.get(lease.target);
    if (this.#held.has(lease.id) || target === undefined) return;
    const held = new HeldLease({ ...lease, account: accountOf(lease, target.rolePrefix) });
    this.#keep(held);
    await this.end(held, "orphaned");
  }

  /** Looks who is past its end, or whose task's guard hears nothing any more. */
  tick(): void {
    const now = Date.now();
    for (const held of this.#held.values()) {
      if (held.ending !== undefined) continue;
      if (held.lease.notAfter.getTime() <= now) void this.end(held, "expired");
      else if (this.#parts.watch.isFenced(held.lease.taskId)) void this.end(held, "fenced");
    }
  }

  /** Resolves when those that are being begun now have been: what the server lists may be one of them. */
  async begun(): Promise<void> {
    await Promise.allSettled(this.#beginning);
  }

  /** Ends all, for at most `graceMs`; what is left then is for the next start. */
  async close(graceMs = 5_000): Promise<void> {
    this.#isClosing = true;
    await this.begun();
    const timer = setTimeout(() => this.#stop.abort(), graceMs);
    try {
      await Promise.all(this.all.map((held) => this.end(held, "broker-stopped")));
      await this.#outbox.flush();
    } finally {
      clearTimeout(timer);
      this.#stop.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(
    request: LeaseRequest,
    wanted: LeaseCall & { readonly notAfter: Date; readonly target: PostgresTarget },
  ): Promise<HeldLease> {
    const beginning = this.#parts.ledger.begin(request, { signal: this.#stop.signal }).then((begun) => {
      const lease = settled(begun, request, wanted);
      const held = new HeldLease(lease);
      this.#keep(held);
      return held;
    });
    this.#beginning.add(beginning);
    try {
      return await beginning;
    } finally {
      this.#beginning.delete(beginning);
    }
  }

  #keep(held: HeldLease): void {
    const { id, taskId } = held.lease;
    this.#held.set(id, held);
    const ofTask = this.#byTask.get(taskId) ?? new Set();
    this.#byTask.set(taskId, ofTask.add(held));
  }

  #forget(held: HeldLease): void {
    const { id, taskId } = held.lease;
    this.#held.delete(id);
    const ofTask = this.#byTask.get(taskId);
    ofTask?.delete(held);
    if (ofTask?.size === 0) this.#byTask.delete(taskId);
  }

  async #make(held: HeldLease, target: PostgresTarget): Promise<Account> {
    this.#assertWanted(held);
    const { account: name, taskId, notAfter, mode } = held.lease;
    const account = await target.createAccount({ name, taskId, notAfter, mode });
    held.account = account;
    return account;
  }

  #assertFew({ taskId, callId }: LeaseCall): void {
    const { maxLeasesPerTask = 64, maxLeasesPerCall = 8 } = this.#parts;
    const ofTask = this.ofTask(taskId);
    const ofCall = ofTask.filter(({ lease }) => lease.callId === callId);
    if (ofTask.length >= maxLeasesPerTask || ofCall.length >= maxLeasesPerCall) {
      throw new LeaseError("TOO_MANY", "the task or its call has as many leases as it may have");
    }
  }

  #assertWanted(held: HeldLease): void {
    this.#parts.watch.assertActive(held.lease.taskId);
    if (held.ending !== undefined || this.#isClosing) throw new LeaseError("TASK_NOT_ACTIVE", "the lease was ended");
  }

  async #end(held: HeldLease, why: string): Promise<void> {
    const target = this.#parts.targets.get(held.lease.target);
    if (target === undefined) {
      held.state = "stuck";
      return this.#parts.logger.error("lease_of_unknown_target", { lease: held.lease.id, target: held.lease.target });
    }
    const { by, logger, onChange, firstRetryMs } = this.#parts;
    const signal = this.#stop.signal;
    const span = new LeaseSpan(this.#spans, "lease end", held.trace);
    await endLease(held, why, {
      target,
      by,
      logger,
      signal,
      firstRetryMs,
      report: (report) => {
        this.#outbox.put(report);
        if (report.state === "gone") this.#forget(held);
        if (report.state === "gone" || report.state === "stuck") onChange?.(held);
      },
    });
    if (held.state === "gone") span.end(held.lease);
  }

  get #spans(): SpanSink {
    return this.#parts.spans ?? noSpans;
  }
}

/** The server's lease as it may be used: for what was asked, no longer than the task, under a name of this target. */
function settled(
  lease: Lease,
  { target, holder, mode }: LeaseRequest,
  wanted: LeaseCall & { readonly notAfter: Date; readonly target: PostgresTarget },
): Lease {
  if (
    lease.taskId !== wanted.taskId ||
    lease.callId !== wanted.callId ||
    lease.target !== target ||
    lease.holder !== holder ||
    lease.mode !== mode
  ) {
    throw new LeaseError("REFUSED", "the server began another lease than was asked for", { reason: "OTHER_LEASE" });
  }
  const account = accountOf(lease, wanted.target.rolePrefix);
  const notAfter = new Date(Math.min(lease.notAfter.getTime(), wanted.notAfter.getTime()));
  return { ...lease, account, notAfter };
}
