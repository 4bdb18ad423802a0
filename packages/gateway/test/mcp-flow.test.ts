// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectClient } from "./world/agent.ts";
import { startWorld, type World } from "./world/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe("a real MCP client and a real MCP tool server", () => {
  it("see each other through the gateway, as far as the task's scope goes", async () => {
    const task = world.start({
      scope: {
        tools: [
          { server: "orders", tool: "query", effect: "read" },
          { server: "orders", tool: "refund", effect: "reversible" },
        ],
      },
    });
    const client = await connectClient(world, task);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["query", "refund"]);
    const result = await client.callTool({ name: "query", arguments: { table: "orders" } });
    expect(result.content).toEqual([{ type: "text", text: "rows of orders" }]);
    await client.close();
  });
});
