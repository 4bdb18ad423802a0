// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { printProfile, profileJson } from "./print.ts";

/** `mayfly agent-profile show`. */
export function profileShow(): Command {
  const command = new Command("show").description("print an agent's profile").argument("<name>", "the agent");
  const example = "mayfly agent-profile show ops/refunds";
  return operatorCommand(command, example, async (server, { format, argument }) => {
    const profile = await server.call("profiles", "GetProfile", { name: String(argument) });
    if (format === "json") printJson(profileJson(profile));
    else printProfile(profile);
  });
}
