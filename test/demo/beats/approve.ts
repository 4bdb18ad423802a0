// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from "node:assert/strict";
import type { Beat } from "../story.ts";
import type { Person } from "../world/people.ts";
import { assertCommandRefused } from "./refusal.ts";

/** Two people, one of whom may not. */
export const approve: Beat = {
  title: "dana can't approve what her own agent asks for; lee can, with a signature over this very call",
  async run(story) {
    const { world } = story;
    const approval = story.get("approval");
    const decide = (as: Person) => world.mayfly(["approval", "approve", approval, "--yes"], { as });
    const refused = assertCommandRefused(await decide(world.dana), "APPROVER_IS_REQUESTER");
    const { status, stdout, stderr } = await decide(world.lee);
    equal(status, 0, stderr);
    ok(stdout.includes(`${approval} is approved`), stdout);
    const shown = stdout.split("\n").filter((line) => /^(Tool|Arguments|It changes|Owner|\s+["a])/.test(line));
    return [
      `dana  $ mayfly approval approve ${approval}`,
      `      ${refused}: she owns the agent and asked for the task, so somebody else has to approve`,
      `lee   $ mayfly approval approve ${approval}`,
      ...shown.map((line) => `      ${line}`),
      "      approved, signed by the key in lee's ssh-agent",
    ];
  },
};
