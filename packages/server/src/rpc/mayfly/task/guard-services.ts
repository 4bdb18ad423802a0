// SPDX-License-Identifier: Apache-2.0
import type { MayflyGuardsMethods, MayflyTicketsMethods } from "@mayfly/rpc";
import { redeemTicket } from "../../../tasks/lifecycle/redeem-ticket.ts";
import type { GuardKind } from "../../../tasks/standing/guard-state.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import { requireNode } from "../../agent-caller.ts";
import type { Call, GuardedHandlers } from "../../call.ts";

function guardOf({ caller }: Call): { readonly id: string; readonly kind: GuardKind } {
  const { identity, guard, node } = caller;
  const kind = guard ?? (node === undefined ? undefined : "agent");
  if (identity === undefined || kind === undefined)
    throw new TypeError("a method for guards was called by something else");
  return { id: identity.id, kind };
}

/** One stream for each agent, gateway and broker. */
export function guardsHandlers({ guards }: TaskLayer): GuardedHandlers<MayflyGuardsMethods> {
  return { Watch: (messages, call) => guards.serve(guardOf(call), messages, call.signal) };
}

/** Tickets that processes show to their agent. */
export function ticketsHandlers(layer: TaskLayer): GuardedHandlers<MayflyTicketsMethods> {
  return {
    RedeemTicket: async (request, { caller }) => {
      const { task, spiffeId } = await redeemTicket(layer, requireNode(caller), request);
      return {
        task_id: task.id,
        spiffe_id: spiffeId,
        not_after_ms: String(task.notAfter.getTime()),
        tier: task.tier,
      };
    },
  };
}
