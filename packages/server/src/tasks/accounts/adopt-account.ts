// SPDX-License-Identifier: Apache-2.0
import type { AdoptAccountRequest } from "@mayfly/rpc";
import type { BackendAccount } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import type { Actor } from "../callers/actor.ts";
import { requireOwner } from "../lifecycle/create-task.ts";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";
import { accountUnknown, requireAccount, requireAccountAdmin } from "./find-account.ts";

const maxAdoptionMs = 366 * 86_400_000;

/**
 * From now on an operator answers for an account that no lease explains, up to an instant within a year.
 * @throws {StatusError} PERMISSION_DENIED; INVALID_ARGUMENT; codes ACCOUNT_UNKNOWN, OWNER_UNKNOWN
 */
export async function adoptAccount(
  layer: TaskLayer,
  actor: Actor,
  request: AdoptAccountRequest,
): Promise<BackendAccount> {
  requireAccountAdmin(actor);
  const { target, account, owner, why } = request;
  const [name, expiresAt] = [{ target, account }, new Date(Number(request.expires_at_ms))];
  const aheadMs = expiresAt.getTime() - layer.clock.now().getTime();
  if (!(aheadMs > 0 && aheadMs <= maxAdoptionMs)) throw invalidArgument("an adoption ends within a year from now");
  await requireAccount(layer, name);
  await requireOwner(layer, owner);
  const body = { act: "adopt-account", target, account, owner, not_after: expiresAt.toISOString() };
  return await layer.recorder.around(
    { kind: "grant", actor: actor.name, body: { ...body, why: recordText(why) } },
    {
      stops: "act",
      act: async () => {
        const adopted = await layer.stores.accounts.adopt(name, { owner, expiresAt, adoptedBy: actor.name });
        if (adopted === undefined) throw accountUnknown(name);
        return adopted;
      },
    },
  );
}
