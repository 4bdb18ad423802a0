// SPDX-License-Identifier: Apache-2.0
import type { DemoWorld, StartedTask } from "../world/demo-world.ts";

/** The database's roles of a task, by their names. */
export function rolesOf(world: DemoWorld, { id }: Pick<StartedTask, "id">): readonly string[] {
  return world.database.leasedRoles().filter((role) => role.includes(`_${id.slice(2)}_`));
}
