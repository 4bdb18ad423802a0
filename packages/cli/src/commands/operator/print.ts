// SPDX-License-Identifier: Apache-2.0
import type { OperatorMessage } from "@mayfly/rpc";

/** Stable JSON form of an operator. */
export function operatorJson(operator: OperatorMessage): Record<string, unknown> {
  return {
    name: operator.name,
    state: operator.state,
    roles: operator.roles.map(({ role, prefix }) => ({ role, prefix })),
    keys: operator.keys,
    spiffe_ids: operator.spiffe_ids,
    aliases: operator.aliases,
  };
}

/** `approver:/ admin:/ops`. */
export function rolesText({ roles }: OperatorMessage): string {
  return roles.map(({ role, prefix }) => `${role}:${prefix}`).join(" ");
}
