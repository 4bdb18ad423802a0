// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { usageFailure } from "../../failure.ts";
import { printJson } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { profileFields, type ProfileOptions, withProfileFields } from "./fields.ts";
import { printProfile, profileJson } from "./print.ts";

/** `mayfly agent-profile update`: the fields that are given; the others stay. */
export function profileUpdate(): Command {
  const command = withProfileFields(
    new Command("update")
      .description("change fields of an agent's profile; tasks that run keep what they have")
      .argument("<name>", "the agent"),
  );
  const example = "mayfly agent-profile update ops/refunds --expires-in 720h";
  return operatorCommand<ProfileOptions>(command, example, async (server, { options, format, argument }) => {
    const fields = profileFields(options);
    if (Object.keys(fields).length === 0) throw usageFailure("what should be changed? give at least one field");
    const before = await server.call("profiles", "GetProfile", { name: String(argument) });
    // Under the revision that was read: a change by somebody else in between is not written over.
    const profile = await server.call("profiles", "UpdateProfile", { ...before, ...fields });
    if (format === "json") printJson(profileJson(profile));
    else printProfile(profile);
  });
}
