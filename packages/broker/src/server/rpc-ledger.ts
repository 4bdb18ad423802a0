// SPDX-License-Identifier: Apache-2.0
import { type LeaseMessage, mayflyLeasesService, type RpcChannel, StatusError } from "@mayfly/rpc";
import { LeaseError } from "../errors.ts";
import type { Lease, LeaseReport, LeaseRequest, LeaseState } from "../lease/lease.ts";
import type { LeaseLedger, UnmanagedAccount } from "../lease/lease-ledger.ts";

const { BeginLease, ReportLease, ReportUnmanaged, ListLeases } = mayflyLeasesService.methods;
const openStates: readonly LeaseState[] = ["issuing", "live", "revoking", "stuck"];
const maxLeases = 1_000_000;
/** gRPC: INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, OUT_OF_RANGE. Asked again they would be the same. */
const finalCodes: ReadonlySet<number> = new Set([3, 5, 9, 11]);

/** The ledger at the server, over `mayfly.task.v1.Leases`. Rejects with a StatusError when the server can't be asked in time. */
export class RpcLedger implements LeaseLedger {
  readonly #channel: RpcChannel;
  readonly #timeoutMs: number;

  constructor(channel: RpcChannel, timeoutMs = 5_000) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
  }

  async begin(request: LeaseRequest, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Lease> {
    const { statement, target, mode, holder, ttlSeconds, accountPrefix } = request;
    const asked = { ttl_seconds: String(ttlSeconds), account_prefix: accountPrefix };
    const message = { statement, target, mode, holder, ...asked };
    const answer = await this.#channel.unary(BeginLease, message, { timeoutMs: this.#timeoutMs, ...options });
    if (answer.refusal !== "") throw new LeaseError("REFUSED", answer.message, { reason: answer.refusal });
    if (answer.lease === null) throw new LeaseError("REFUSED", "the server gave no lease", { reason: "NO_LEASE" });
    return leaseOf(answer.lease);
  }

  async report({ id, state, evidence, problem = "" }: LeaseReport): Promise<void> {
    const json = evidence === undefined ? "" : JSON.stringify({ ...evidence, at: evidence.at.toISOString() });
    try {
      const message = { id, state, evidence_json: json, problem };
      await this.#channel.unary(ReportLease, message, { timeoutMs: this.#timeoutMs });
    } catch (cause) {
      if (!(cause instanceof StatusError) || !finalCodes.has(cause.code)) throw cause;
      throw new LeaseError("REFUSED", "the server does not take the report", { cause, reason: String(cause.code) });
    }
  }

  async list(): Promise<readonly Lease[]> {
    const lists = await Promise.all(openStates.map((state) => this.#list(state)));
    return lists.flat().map(leaseOf);
  }

  async ordered(): Promise<readonly string[]> {
    return (await this.#list("revoking")).map(({ id }) => id);
  }

  async reportUnmanaged(target: string, accounts: readonly UnmanagedAccount[]): Promise<void> {
    const messages = accounts.map(({ account, lastActivityAt, canLogin, legacy }) => ({
      target,
      account,
      last_activity_ms: String(lastActivityAt?.getTime() ?? 0),
      can_login: canLogin,
      legacy,
    }));
    await this.#channel.unary(ReportUnmanaged, { target, accounts: messages }, { timeoutMs: this.#timeoutMs });
  }

  async #list(state: LeaseState): Promise<readonly LeaseMessage[]> {
    const all: LeaseMessage[] = [];
    for (let token = ""; ; ) {
      const request = { task_id: "", state, page_token: token };
      const page = await this.#channel.unary(ListLeases, request, { timeoutMs: this.#timeoutMs });
      all.push(...page.leases);
      token = page.next_page_token;
      if (token === "") return all;
      if (all.length > maxLeases)
        throw new LeaseError("REFUSED", "the server's list has no end", { reason: "MALFORMED" });
    }
  }
}

/** @throws {LeaseError} REFUSED for what a server of ours never says */
function leaseOf(message: LeaseMessage): Lease {
  const { id, task_id: taskId, call_id: callId, target, account, holder } = message;
  const mode = (["brokered", "leased"] as const).find((each) => each === message.mode);
  const state = ([...openStates, "gone"] as const).find((each) => each === message.state);
  if (mode === undefined || state === undefined || id === "") {
    throw new LeaseError("REFUSED", "the server's lease can't be read", { reason: "MALFORMED" });
  }
  return { id, taskId, callId, target, account, holder, mode, state, notAfter: new Date(Number(message.not_after_ms)) };
}
