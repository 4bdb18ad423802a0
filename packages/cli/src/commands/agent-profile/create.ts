// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { usageFailure } from "../../failure.ts";
import { printJson } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { profileFields, type ProfileOptions, withProfileFields } from "./fields.ts";
import { printProfile, profileJson } from "./print.ts";

/** Owner and end are mandatory: an agent that nobody answers for, or for ever, is what goes wrong most often. */
function assertWhole(options: ProfileOptions): void {
  const given: readonly (readonly [string, unknown])[] = [
    ["--owner", options.owner],
    ["--tier", options.tier],
    ["--ceiling", options.ceiling],
    ["--selector", options.selector],
    ["--expires-in or --expires-at", options.expiresIn ?? options.expiresAt],
  ];
  const missing = given.filter(([, value]) => value === undefined).map(([name]) => `missing: ${name}`);
  if (missing.length > 0) throw usageFailure(missing, "see mayfly agent-profile create --help");
}

/** `mayfly agent-profile create`. */
export function profileCreate(): Command {
  const command = withProfileFields(
    new Command("create")
      .description("register an AI agent")
      .argument("<name>", "path of the agent, such as ops/refunds"),
  );
  const example =
    "mayfly agent-profile create ops/refunds --owner dana --tier T2 --ceiling ceiling.yaml --selector unix:uid:1001 --expires-in 720h";
  return operatorCommand<ProfileOptions>(command, example, async (server, { options, format, argument }) => {
    assertWhole(options);
    const profile = await server.call("profiles", "CreateProfile", {
      name: String(argument),
      ...profileFields(options),
    });
    if (format === "json") printJson(profileJson(profile));
    else printProfile(profile);
  });
}
