// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import { type Moment, waitFor } from "../wake.ts";
import { Caller } from "./caller.ts";
import { denied, unavailable } from "./refusal.ts";
import type { WorkloadCall, WorkloadDeps } from "./workload-deps.ts";

/** How long a caller waits before an answer that would be a no. */
export class WaitingRoom {
  readonly #deps: WorkloadDeps;
  readonly #call: WorkloadCall;
  readonly #since: number;

  constructor(deps: WorkloadDeps, call: WorkloadCall) {
    this.#deps = deps;
    this.#call = call;
    this.#since = deps.clock.now().getTime();
  }

  /** The caller has no entry: waits for a change, as long as one may help. @throws {StatusError} 7 or 14 when the time is over */
  async withoutEntry(changed: Moment, { caller, holdMs }: { caller: Caller; holdMs: number }): Promise<void> {
    const { standing, unsettledHoldMs } = this.#deps;
    const isAnswer = (standing.settled && caller.taskVerdict !== "fenced") || standing.refused;
    const leftMs = this.#leftMs(isAnswer ? holdMs : unsettledHoldMs);
    if (leftMs > 0) return waitFor(changed, { signal: this.#call.signal, timeoutMs: leftMs });
    if (standing.refused) throw denied("NODE_NOT_ATTESTED");
    throw isAnswer || standing.settled ? caller.refusal("NO_MATCHING_ENTRY") : unavailable("NOT_SYNCED");
  }

  /** The caller has entries but nothing of them can be shown yet. @throws {StatusError} 14 when the time is over */
  async withoutSvid(changed: Moment): Promise<void> {
    const leftMs = this.#leftMs(this.#deps.unsettledHoldMs);
    if (leftMs > 0) return waitFor(changed, { signal: this.#call.signal, timeoutMs: leftMs });
    throw unavailable("ISSUE_FAILED");
  }

  #leftMs(holdMs: number): number {
    return this.#since + holdMs - this.#deps.clock.now().getTime();
  }
}

/** The caller's entries for a unary call: a no is said at once, but not before the agent knows. @throws {StatusError} 7 or 14 */
export async function admit(
  deps: WorkloadDeps,
  call: WorkloadCall,
): Promise<{ readonly caller: Caller; readonly entries: readonly RegistrationEntry[] }> {
  const caller = new Caller(call.peer, deps);
  const room = new WaitingRoom(deps, call);
  for (;;) {
    const changed = deps.standing.changes.next;
    const entries = await caller.entries();
    if (entries.length > 0) return { caller, entries };
    caller.waited();
    await room.withoutEntry(changed, { caller, holdMs: 0 });
  }
}
