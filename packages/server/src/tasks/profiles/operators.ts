// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { type Operator, parseOperator } from "@mayfly/tasks";
import { invalidArgument, notFound } from "../../rpc/wire/refusal.ts";
import { type Actor, mayAdministerAll, notAllowed } from "../callers/actor.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

const changes: Readonly<Record<string, Operator["state"]>> = {
  suspend: "suspended",
  resume: "active",
  remove: "removed",
};

function requireAdmin(actor: Actor): void {
  if (mayAdministerAll(actor)) return;
  throw notAllowed(`${actor.name} does not have the role admin over all agents`);
}

/** @throws {TaskError} OPERATOR_INVALID @throws {StatusError} PERMISSION_DENIED; ALREADY_EXISTS, code OPERATOR_CONFLICT */
export async function createOperator(layer: TaskLayer, actor: Actor, document: object): Promise<Operator> {
  requireAdmin(actor);
  const operator = parseOperator(document);
  return await layer.recorder.around(
    {
      kind: "operator",
      actor: actor.name,
      body: {
        act: "create",
        operator: operator.name,
        keys: operator.keys,
        roles: operator.roles.map(({ role, prefix }) => `${role} ${prefix}`),
        spiffe_ids: operator.spiffeIds,
      },
    },
    {
      stops: "act",
      act: async () => {
        const written = await layer.stores.operators.create(operator);
        if (written.outcome === "written") return written.value;
        throw taskRefusal(status.ALREADY_EXISTS, {
          code: "OPERATOR_CONFLICT",
          message: "the name, an alias, a SPIFFE ID or a key is another operator's",
          hint: "one person has one entry: see mayfly operator list",
        });
      },
      describe: ({ revision }) => ({ revision }),
    },
  );
}

/** Suspends, resumes or removes. Their approvals of calls that are not made yet count no more. @throws {StatusError} */
export async function changeOperator(
  layer: TaskLayer,
  actor: Actor,
  { name, change }: { readonly name: string; readonly change: string },
): Promise<Operator> {
  requireAdmin(actor);
  const state = Object.hasOwn(changes, change) ? changes[change] : undefined;
  if (state === undefined) throw invalidArgument(`expected a change of ${Object.keys(changes).join(", ")}`);
  const operator = await layer.stores.operators.get(name);
  if (operator === undefined) throw notFound(`there is no operator ${JSON.stringify(name)}`);
  return await layer.recorder.around(
    { kind: "operator", actor: actor.name, body: { act: change, operator: name } },
    {
      stops: state === "active" ? "act" : "nothing",
      act: async () => {
        const written = await layer.stores.operators.replace({ ...operator, state });
        if (written.outcome === "written") return written.value;
        throw taskRefusal(status.ABORTED, {
          code: "CHANGED_MEANWHILE",
          message: `operator ${name} is removed, or was changed meanwhile`,
          hint: "read it again and repeat",
        });
      },
      describe: ({ revision }) => ({ revision }),
    },
  );
}
