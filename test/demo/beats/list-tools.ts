// SPDX-License-Identifier: Apache-2.0
import { deepEqual } from "node:assert/strict";
import type { Beat } from "../story.ts";

/** What the agent sees of the tool server. */
export const listTools: Beat = {
  title: "The agent lists tools: it is shown what its task names, 2 of 5",
  async run(story) {
    const { tools } = await story.get("bot").ask({ do: "list" });
    deepEqual(tools, ["query", "refund"]);
    return ["shown by the gateway: query, refund; not shown: export, drop_table, read_file"];
  },
};
