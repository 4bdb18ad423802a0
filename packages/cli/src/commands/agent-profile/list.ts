// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { ProfileMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { instantText } from "../../instants.ts";
import { printJson, printTable } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { allItems } from "../pages.ts";
import { profileJson } from "./print.ts";

/** Every registered agent. */
export async function allProfiles(server: ServerConnection): Promise<ProfileMessage[]> {
  return await allItems(
    (page) => server.call("profiles", "ListProfiles", page),
    (page) => page.profiles,
  );
}

/** `mayfly agent-profile list`. */
export function profileList(): Command {
  const command = new Command("list").description("list registered agents");
  return operatorCommand(command, "mayfly agent-profile list", async (server, { format }) => {
    const profiles = await allProfiles(server);
    if (format === "json") return printJson({ profiles: profiles.map(profileJson) });
    printTable(
      ["AGENT", "OWNER", "TIER", "STATE", "EXPIRES", "SELECTORS"],
      profiles.map((each) => [
        each.name,
        each.owner,
        each.tier,
        each.state,
        instantText(each.expires_at_ms),
        each.selectors.join(" "),
      ]),
    );
  });
}
