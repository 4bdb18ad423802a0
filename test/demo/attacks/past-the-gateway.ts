// SPDX-License-Identifier: Apache-2.0
import { ok } from "node:assert/strict";
import { until } from "../../processes.ts";
import { assertAnswered, refusalOf } from "../beats/refusal.ts";
import type { Attack } from "./attack.ts";
import { withBot } from "./with-bot.ts";

/** The agent knows where the tool server listens, and calls it as it would call the gateway. */
export const pastTheGateway: Attack = {
  name: "the tool server, called past the gateway",
  control: "tool servers take the gateway's SVID and no other, in the handshake",
  run: async (world) =>
    await withBot(world, async (bot, task) => {
      const call = { do: "call", tool: "query", arguments: { order: 1 } };
      const cut = refusalOf(await bot.ask({ ...call, url: world.toolServerUrl }));
      ok(cut !== undefined, "the tool server answered the agent");
      // The agent learns nothing but the end of the connection.
      const code = await until(
        () => `the tool server's word on ${task.spiffe_id}: ${world.toolServer.log}`,
        () => new RegExp(`^refused (\\w+): ${task.spiffe_id} `, "m").exec(world.toolServer.log)?.[1],
        5_000,
      );
      ok(code === "NOT_AUTHORIZED", `refused for another reason: ${code}`);
      assertAnswered(await bot.ask(call));
      return `${cut} for the agent, ${code} in the tool server's log; through the gateway the same call is answered`;
    }),
};
