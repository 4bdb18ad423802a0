// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import { type Actor, requireAnyAdmin } from "../callers/actor.ts";
import type { Killed } from "../ending/followed.ts";
import { recordText } from "../record/recorder.ts";
import type { TaskLayer } from "../task-layer.ts";
import { nothingThere } from "./kill-target.ts";

const maxNamed = 100;

/**
 * Deletes all registration entries of an identity that is no task's, in one transaction ahead of all other writes, and follows them until no
 * agent holds them. @throws {StatusError} PERMISSION_DENIED, code NOT_ALLOWED; NOT_FOUND, code KILL_TARGET_UNKNOWN
 */
export async function killEntries(
  layer: TaskLayer,
  actor: Actor,
  { spiffeId, why }: { readonly spiffeId: string; readonly why: string },
): Promise<Killed> {
  requireAnyAdmin(actor);
  const { items } = await layer.entries.list({ spiffeId }, { pageSize: 1 });
  if (items.length === 0) throw nothingThere(spiffeId);
  const end = await layer.recorder.around(
    {
      kind: "kill",
      actor: actor.name,
      ...(actor.serial !== undefined && { serial: actor.serial }),
      body: { act: "withdraw", what: `spiffe-id ${spiffeId}`, why: recordText(why) },
    },
    {
      stops: "nothing",
      act: async () => {
        const entries = await layer.entries.deleteOf(spiffeId);
        return { withdrawal: layer.withdraw(entries), entries };
      },
      describe: ({ entries }) => ({ entries: entries.slice(0, maxNamed).map(({ id }) => id), count: entries.length }),
    },
  );
  return { end: end.withdrawal, cut: end.entries.slice(0, maxNamed).map(sentence) };
}

function sentence({ id, parentId, downstream, admin }: RegistrationEntry): string {
  const rights = [...(admin ? ["administrator"] : []), ...(downstream ? ["downstream server"] : [])].join(", ");
  return `entry ${id} on ${parentId} is deleted${rights === "" ? "" : ` (${rights})`}`;
}
