// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { type AgentProfile, findPerson, parseProfile, type ProfileState } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import { type Actor, requireRole } from "../callers/actor.ts";
import { requireProfile } from "../lifecycle/create-task.ts";
import { recordText } from "../record/recorder.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

const changes: Readonly<Record<string, ProfileState>> = { suspend: "suspended", resume: "active", retire: "retired" };
const maxAttempts = 5;

/** Owner and backup must be people who are registered: separation of duties is decided by them. @throws {StatusError} */
async function assertPeople({ stores }: TaskLayer, { owner, backup }: AgentProfile): Promise<void> {
  const operators = await stores.operators.list();
  for (const name of [owner, ...(backup === undefined ? [] : [backup])]) {
    if (findPerson(name, operators)?.state === "active") continue;
    throw taskRefusal(status.FAILED_PRECONDITION, {
      code: "OWNER_UNKNOWN",
      message: `${JSON.stringify(name)} is no active operator, who could answer for the agent`,
      hint: "register the owner as an operator first",
    });
  }
}

/** A new profile, or all of one but name and state. `document` is what `parseProfile` reads. @throws {TaskError} PROFILE_INVALID @throws {StatusError} */
export async function writeProfile(
  layer: TaskLayer,
  actor: Actor,
  {
    act,
    document,
    revision,
  }: { readonly act: "create" | "update"; readonly document: object; readonly revision: number },
): Promise<AgentProfile> {
  const profile = parseProfile(document);
  requireRole(actor, "admin", profile.name);
  await assertPeople(layer, profile);
  const { profiles } = layer.stores;
  const known = act === "update" ? await requireProfile(layer, profile.name) : undefined;
  return await layer.recorder.around(
    {
      kind: "profile",
      actor: actor.name,
      body: { act, profile: profile.name, owner: profile.owner, tier: profile.tier },
    },
    {
      stops: "act",
      act: async () => {
        const written =
          known === undefined
            ? await profiles.create(profile)
            : await profiles.replace({ ...profile, state: known.state, revision: revision || known.revision });
        if (written.outcome === "written") return written.value;
        throw conflict(written.outcome, profile.name);
      },
      describe: (value) => ({ revision: value.revision }),
    },
  );
}

/** Suspends, resumes or retires, with all tasks of the agent. @throws {TaskError} ILLEGAL_TRANSITION @throws {StatusError} */
export async function changeProfile(
  layer: TaskLayer,
  actor: Actor,
  { name, change, why }: { readonly name: string; readonly change: string; readonly why: string },
): Promise<AgentProfile> {
  const state = Object.hasOwn(changes, change) ? changes[change] : undefined;
  if (state === undefined) throw invalidArgument(`expected a change of ${Object.keys(changes).join(", ")}`);
  await requireProfile(layer, name);
  requireRole(actor, "admin", name);
  return await layer.recorder.around(
    { kind: "profile", actor: actor.name, body: { act: change, profile: name, why: recordText(why) } },
    {
      stops: state === "active" ? "act" : "nothing",
      act: async () => await applyChange(layer, name, state),
      describe: (value) => ({ revision: value.revision }),
    },
  );
}

async function applyChange(layer: TaskLayer, name: string, state: ProfileState): Promise<AgentProfile> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const profile = await requireProfile(layer, name);
    const written = await layer.stores.profiles.change(profile, state, layer.clock.now());
    if (written.outcome !== "written") continue;
    const { profile: value, changed } = written.value;
    layer.live.take(changed.tasks);
    const ending = changed.tasks.filter((task) => task.state === "ending");
    const ids = new Set<string>(ending.map(({ id }) => id));
    const tops = ending.filter(({ parentId }) => parentId === undefined || !ids.has(parentId)).map(({ id }) => id);
    if (tops.length > 0) await layer.endings.pursue(changed, tops);
    return value;
  }
  throw conflict("changed", name);
}

function conflict(outcome: "conflict" | "changed", name: string): Error {
  if (outcome === "conflict") {
    return taskRefusal(status.ALREADY_EXISTS, {
      code: "NAME_TAKEN",
      message: `there is a profile ${JSON.stringify(name)}`,
      hint: "update it, or take another name",
    });
  }
  return taskRefusal(status.ABORTED, {
    code: "CHANGED_MEANWHILE",
    message: `profile ${JSON.stringify(name)} is at another revision`,
    hint: "read it again and repeat",
  });
}
