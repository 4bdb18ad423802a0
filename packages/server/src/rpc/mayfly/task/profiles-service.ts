// SPDX-License-Identifier: Apache-2.0
import type { MayflyProfilesMethods, OperatorMessage, ProfileMessage, Sent } from "@mayfly/rpc";
import { type AgentProfile, formatScope, type Operator } from "@mayfly/tasks";
import { actorOf, mayAdministerAll, maySee, notAllowed } from "../../../tasks/callers/actor.ts";
import { requireProfile } from "../../../tasks/lifecycle/create-task.ts";
import { changeOperator, createOperator } from "../../../tasks/profiles/operators.ts";
import { changeProfile, writeProfile } from "../../../tasks/profiles/profiles.ts";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { GuardedHandlers } from "../../call.ts";
import { invalidArgument } from "../../wire/refusal.ts";
import { pageOf, parseListPage } from "./list-page.ts";

function toProfileMessage(profile: AgentProfile): Sent<ProfileMessage> {
  return {
    name: profile.name,
    owner: profile.owner,
    backup: profile.backup ?? "",
    tier: profile.tier,
    ceiling_json: formatScope(profile.ceiling),
    selectors: profile.selectors,
    expires_at_ms: String(profile.expiresAt.getTime()),
    state: profile.state,
    revision: String(profile.revision),
    parent_id: profile.parentId ?? "",
  };
}

/** The document that `parseProfile` reads. */
function toDocument(message: ProfileMessage): object {
  const expiresAt = new Date(Number(message.expires_at_ms));
  const isDate = Number(message.expires_at_ms) > 0 && !Number.isNaN(expiresAt.getTime());
  let ceiling: unknown;
  try {
    ceiling = JSON.parse(message.ceiling_json);
  } catch (cause) {
    throw invalidArgument("ceiling_json is no JSON", { cause });
  }
  return {
    name: message.name,
    owner: message.owner,
    ...(message.backup !== "" && { backup: message.backup }),
    tier: message.tier,
    ceiling,
    selectors: message.selectors,
    ...(message.parent_id !== "" && { parentId: message.parent_id }),
    ...(isDate && { expiresAt: expiresAt.toISOString() }),
  };
}

function toOperatorMessage(operator: Operator): Sent<OperatorMessage> {
  return {
    name: operator.name,
    keys: operator.keys,
    roles: operator.roles,
    state: operator.state,
    spiffe_ids: operator.spiffeIds,
    aliases: operator.aliases,
  };
}

function toOperatorDocument({ name, keys, roles, spiffe_ids: spiffeIds, aliases }: OperatorMessage): object {
  return {
    name,
    keys,
    roles: roles.map(({ role, prefix }) => ({ role, prefix })),
    ...(spiffeIds.length > 0 && { spiffeIds }),
    ...(aliases.length > 0 && { aliases }),
  };
}

/** Profiles of agents, and operators. */
export function profilesHandlers(layer: TaskLayer): GuardedHandlers<MayflyProfilesMethods> {
  const { profiles, operators } = layer.stores;
  return {
    CreateProfile: async (request, { caller }) => {
      const how = { act: "create", document: toDocument(request), revision: 0 } as const;
      return toProfileMessage(await writeProfile(layer, actorOf(caller), how));
    },
    UpdateProfile: async (request, { caller }) => {
      const how = { act: "update", document: toDocument(request), revision: Number(request.revision) } as const;
      return toProfileMessage(await writeProfile(layer, actorOf(caller), how));
    },
    GetProfile: async ({ name }, { caller }) => {
      if (!maySee(actorOf(caller), name)) throw notAllowed(`no role over agent ${name}`);
      return toProfileMessage(await requireProfile(layer, name));
    },
    ListProfiles: async (request, { caller }) => {
      const actor = actorOf(caller);
      // Names are told to nobody who may not see them, not even in a token.
      const visible = (await profiles.list()).filter(({ name }) => maySee(actor, name));
      const form = { token: ({ name }: AgentProfile) => name, message: toProfileMessage };
      const { messages, next } = pageOf(visible, parseListPage(request), form);
      return { profiles: messages, next_page_token: next };
    },
    ChangeProfile: async (request, { caller }) =>
      toProfileMessage(await changeProfile(layer, actorOf(caller), request)),
    CreateOperator: async (request, { caller }) =>
      toOperatorMessage(await createOperator(layer, actorOf(caller), toOperatorDocument(request))),
    ListOperators: async (request, { caller }) => {
      const actor = actorOf(caller);
      const all = await operators.list();
      const visible = mayAdministerAll(actor) ? all : all.filter(({ name }) => name === actor.operator?.name);
      const form = { token: ({ name }: Operator) => name, message: toOperatorMessage };
      const { messages, next } = pageOf(visible, parseListPage(request), form);
      return { operators: messages, next_page_token: next };
    },
    ChangeOperator: async (request, { caller }) =>
      toOperatorMessage(await changeOperator(layer, actorOf(caller), request)),
  };
}
