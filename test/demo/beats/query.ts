// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from "node:assert/strict";
import type { Beat } from "../story.ts";
import { assertAnswered } from "./refusal.ts";

/** A call within the task, and the secret that it takes. */
export const query: Beat = {
  title: "A query is allowed; a database role appears for the tool server, and nothing of it for the agent",
  async run(story) {
    const { world } = story;
    const { id } = story.get("task");
    const bot = story.get("bot");
    equal(world.database.leasedRoles().length, 0, "a role before the first call");
    const rows = assertAnswered(await bot.ask({ do: "call", tool: "query", arguments: { order: 1 } }));
    const [role = "", ...others] = world.database.leasedRoles();
    equal(others.length, 0);
    ok(role.includes(id.replace("-", "_")), `the role ${role} does not name the task`);
    ok(!bot.log.includes(role), "the agent was told of the role");
    story.set("role", role);
    const [lease] = (await world.json<{ leases: Record<string, string>[] }>("lease", "list", "--task", id)).leases;
    equal(lease?.["account"], role);
    return [
      `query {"order":1} -> ${rows}`,
      "$ psql -c '\\du'",
      ...world.database.describeRole(role),
      `held by the broker under lease ${lease["id"] ?? ""}; the tool server has a connection, and no password`,
    ];
  },
};
