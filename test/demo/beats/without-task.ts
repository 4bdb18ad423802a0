// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from "node:assert/strict";
import type { Beat } from "../story.ts";
import { assertCommandRefused } from "./refusal.ts";

/** The same program of the same user, without a ticket. */
export const withoutTask: Beat = {
  title: "The same binary under the same user, without a task, is nobody; the ticket is good once",
  async run(story) {
    const { world } = story;
    const task = story.get("task");
    await using stranger = world.startTasklessBot();
    const { id, error } = await stranger.ask({ do: "svid" });
    equal(id, undefined, "it has an identity");
    const { message } = error as { readonly message: string };
    ok(message.includes("no identity issued"), message);
    const why = await world.mayfly(["explain", "--pid", String(stranger.pid)]);
    const found = why.stdout.split("\n").find((line) => line.includes("TASK_NOT_BOUND"));
    ok(found !== undefined, `${why.stdout}${why.stderr}`);
    const again = await world.tryExec(task.ticketFile);
    return [
      "refused by the node agent: no identity issued",
      "$ mayfly explain --pid",
      found.trim(),
      `the task's ticket once more: ${assertCommandRefused(again, "TICKET_REFUSED")}`,
    ];
  },
};
