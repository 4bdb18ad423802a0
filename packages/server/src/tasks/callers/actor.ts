// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { StatusError } from "@mayfly/rpc";
import { hasRole, type Operator, type Role } from "@mayfly/tasks";
import { type Caller, callerName } from "../../authorization/caller.ts";
import { taskRefusal } from "../refusal.ts";

/** Who acts: a person, a task, a guard. */
export interface Actor {
  /** As records name them: an operator's name, a SPIFFE ID, or `local`. */
  readonly name: string;
  /** Of the certificate that was shown, lower-case hex; undefined on the admin socket. */
  readonly serial: string | undefined;
  /** The admin socket and administrators by configuration or entry may do everything. */
  readonly mayAll: boolean;
  readonly operator: Operator | undefined;
}

const roles: readonly Role[] = ["viewer", "operator", "approver", "admin"];

/** The actor behind a call that was let through. */
export function actorOf(caller: Caller): Actor {
  const { identity, operator, local, admin } = caller;
  return {
    name: operator?.name ?? callerName(caller),
    serial: identity && BigInt(identity.serialNumber).toString(16),
    mayAll: local || admin === true,
    operator,
  };
}

/** Whether the actor has a role over an agent. */
function may({ mayAll, operator }: Actor, role: Role, agent: string): boolean {
  return mayAll || (operator !== undefined && hasRole(operator, role, agent));
}

/** Whether the actor may read about an agent: any role over it does. */
export function maySee(actor: Actor, agent: string): boolean {
  return roles.some((role) => may(actor, role, agent));
}

/** Whether the actor administers all agents: who may change operators. */
export function mayAdministerAll({ mayAll, operator }: Actor): boolean {
  return (
    mayAll ||
    (operator?.state === "active" && operator.roles.some(({ role, prefix }) => role === "admin" && prefix === "/"))
  );
}

/** What is of all agents is for those who administer all of them. @throws {StatusError} PERMISSION_DENIED, code NOT_ALLOWED */
export function requireAnyAdmin(actor: Actor): void {
  if (!mayAdministerAll(actor)) throw notAllowed(`${actor.name} does not have the role admin over all agents`);
}

/** @throws {StatusError} PERMISSION_DENIED, code NOT_ALLOWED */
export function requireRole(actor: Actor, role: Role, agent: string): void {
  if (may(actor, role, agent)) return;
  throw notAllowed(`${actor.name} does not have the role ${role} over agent ${agent}`);
}

/** Also for what the caller may not even know of. */
export function notAllowed(message: string): StatusError {
  return taskRefusal(status.PERMISSION_DENIED, {
    code: "NOT_ALLOWED",
    message,
    hint: "an admin can give the role: mayfly operator list shows who has which",
  });
}
