// SPDX-License-Identifier: Apache-2.0
import { ok } from "node:assert/strict";
import type { Beat } from "../story.ts";

/** The cast. */
export const openWorld: Beat = {
  title: "The world: real processes, each with an identity of its own; no cloud, no model, nothing mocked",
  async run(story) {
    const world = await story.open();
    const { accounts, ports, ids, agent, server } = world.parts;
    const version = world.database.query("SHOW server_version");
    const readers = world.database.query("SELECT count(*) FROM pg_roles WHERE rolname = 'orders_tools'");
    ok(readers === "1", "setup.sql made no group orders_tools");
    return [
      `server        mayfly server run at ${server.address}`,
      `node agent    ${agent.id}`,
      `gateway       ${ids.gateway} at port ${String(ports.gateway)}`,
      `broker        ${ids.broker} at port ${String(ports.broker)}, for PostgreSQL ${version.split(" ")[0] ?? ""}`,
      `tool server   ${ids.toolServer}, an MCP server with 5 tools; it knows no password`,
      `AI agent      ir-bot of tier T2, owned by dana; sub-agent ir-bot/scribe of tier T1`,
      `people        dana (owner), lee (approver), their keys in an ssh-agent each`,
      `run as        ${accounts.described}`,
    ];
  },
};
