// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import type { OrderAccountRequest } from "@mayfly/rpc";
import type { AccountOrder, BackendAccount } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import type { Actor } from "../callers/actor.ts";
import { recordText } from "../record/recorder.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";
import { accountUnknown, requireAccount, requireAccountAdmin } from "./find-account.ts";

/** RFC 5803 §3, for SCRAM-SHA-256: iterations, salt, StoredKey, ServerKey. */
const verifierForm = /^SCRAM-SHA-256\$[1-9]\d{3,6}:[A-Za-z0-9+/]{20,64}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/;

function orderOf({ order: kind, verifier }: OrderAccountRequest, orderedAt: Date): AccountOrder {
  if (kind !== "rotate" && kind !== "isolate") throw invalidArgument("expected an order of rotate, isolate");
  const isGood = kind === "isolate" ? verifier === "" : verifierForm.test(verifier);
  if (!isGood) throw invalidArgument("a rotation needs a SCRAM-SHA-256 verifier, an isolation none");
  return { id: randomUUID(), kind, verifier, orderedAt };
}

/**
 * What the broker of a target is to do with an account that its own configuration names. An isolation takes rights away: it is ordered
 * even where no record can be written.
 * @throws {StatusError} PERMISSION_DENIED; INVALID_ARGUMENT; codes ACCOUNT_UNKNOWN, ACCOUNT_NOT_NAMED
 */
export async function orderAccount(
  layer: TaskLayer,
  actor: Actor,
  request: OrderAccountRequest,
): Promise<BackendAccount> {
  requireAccountAdmin(actor);
  const { target, account, why } = request;
  const name = { target, account };
  const order = orderOf(request, layer.clock.now());
  const { isLegacy } = await requireAccount(layer, name);
  if (!isLegacy)
    throw taskRefusal(status.FAILED_PRECONDITION, {
      code: "ACCOUNT_NOT_NAMED",
      message: `the broker of ${target} may not touch ${JSON.stringify(account)}`,
      hint: "name it in legacy_roles of that target in the broker's configuration",
    });
  const body = { act: `${order.kind}-account`, target, account, order: order.id, why: recordText(why) };
  return await layer.recorder.around(
    { kind: "grant", actor: actor.name, body },
    {
      stops: order.kind === "rotate" ? "act" : "nothing",
      act: async () => {
        const ordered = await layer.stores.accounts.order(name, order);
        if (ordered === undefined) throw accountUnknown(name);
        return ordered;
      },
    },
  );
}
