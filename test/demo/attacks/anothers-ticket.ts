// SPDX-License-Identifier: Apache-2.0
import { ok } from "node:assert/strict";
import { Background, type Finished } from "../../processes.ts";
import { botConfig, scopes } from "../world/configurations.ts";
import type { DemoWorld } from "../world/demo-world.ts";
import { programs } from "../world/files.ts";
import { addProfile } from "./add-profile.ts";
import type { Attack } from "./attack.ts";

/** Another agent, in good standing, finds the ticket of a task of `ir-bot` before `ir-bot` does. */
export const anothersTicket: Attack = {
  name: "the ticket of one agent's task, redeemed by another agent's process",
  control: "a ticket is good for processes that the profile's selectors fit, and its task's SVID for no others",
  async run(world) {
    await addProfile(world, { name: "courier", account: "archive", ceiling: scopes.scribe });
    const { ticketFile, spiffe_id: id } = await world.startTask();
    world.giveTo(ticketFile, "archive");
    const { stdout, stderr } = await courier(world, ticketFile);
    ok(!stdout.includes(id), `the courier became ${id}`);
    // A program of the same user is bound, as it is not the command yet, and given its own identities only.
    const code = /\b(TICKET_REFUSED|NO_SVID)\b/.exec(stdout + stderr)?.[1];
    ok(code !== undefined, `refused for another reason: ${stdout}${stderr}`);
    return code;
  },
};

/** The courier's program as the task, as far as it gets: it asks for its SVID, and ends. */
function courier(world: DemoWorld, ticketFile: string): Promise<Finished> {
  const { mayfly, node, user } = world.account("archive");
  const exec = ["task", "exec", "--ticket-file", ticketFile, "--socket", world.agent.socket, "--"];
  const command = [...mayfly, ...exec, ...node, programs.bot, JSON.stringify(botConfig(world.parts))];
  return new Background(command, { ...world.agent.env }, '{"do":"svid"}\n', user).ended;
}
