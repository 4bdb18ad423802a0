// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import type { Answer } from "@mayfly/rpc";
import { waitFor } from "../wake.ts";
import { Caller } from "./caller.ts";
import { WaitingRoom } from "./waiting-room.ts";
import type { WorkloadCall, WorkloadDeps } from "./workload-deps.ts";

/** What a stream would send now. */
interface Rendering<T> {
  /** Equal for equal messages: what was sent last is not sent again. */
  readonly fingerprint: string;
  /** Some entries have no SVID yet. */
  readonly partial: boolean;
  /** Ids of entries whose X.509-SVIDs it shows: they are renewed while the stream is open. */
  readonly uses: readonly string[];
  message(): Answer<T>;
}

/** Makes the message for these entries; undefined when there is nothing to show yet. */
export type Renderer<T> = (entries: readonly RegistrationEntry[]) => Rendering<T> | undefined;

/** A message that lacks some SVIDs waits this long for them. */
const partialHoldMs = 2000;

/**
 * The life of a stream: waits for an entry, sends the whole state, and again whenever it changed. The process is looked at again before
 * each message. Ends with 7 when the last entry goes or the process is another one, never with OK.
 */
export async function* watchIdentities<T>(
  deps: WorkloadDeps,
  call: WorkloadCall,
  render: Renderer<T>,
): AsyncGenerator<Answer<T>, never, undefined> {
  const caller = new Caller(call.peer, deps);
  const room = new WaitingRoom(deps, call);
  let sent: string | undefined;
  let partialSince: number | undefined;
  let shown: readonly string[] = [];
  try {
    for (;;) {
      const changed = deps.standing.changes.next;
      const entries = await caller.entries();
      if (entries.length === 0 && sent !== undefined) throw caller.refusal("IDENTITY_WITHDRAWN");
      const rendering = entries.length === 0 ? undefined : render(entries);
      const uses = rendering?.uses ?? [];
      deps.svids.exchangeUse(shown, uses);
      shown = uses;
      const now = deps.clock.now().getTime();
      partialSince = rendering?.partial ? (partialSince ?? now) : undefined;
      const waitMs = partialSince === undefined ? 0 : partialSince + partialHoldMs - now;
      if (rendering !== undefined && rendering.fingerprint !== sent && waitMs <= 0) {
        if (!(await caller.stillGets(entries))) continue;
        yield rendering.message();
        sent = rendering.fingerprint;
        caller.waited();
        continue;
      }
      caller.waited();
      if (sent !== undefined || rendering !== undefined) {
        await waitFor(changed, { signal: call.signal, timeoutMs: waitMs > 0 ? waitMs : undefined });
      } else if (entries.length > 0) {
        await room.withoutSvid(changed);
      } else {
        await room.withoutEntry(changed, { caller, holdMs: deps.refusalHoldMs });
      }
    }
  } finally {
    deps.svids.exchangeUse(shown, []);
  }
}
