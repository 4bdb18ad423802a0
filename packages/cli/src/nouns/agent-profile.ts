// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { profileChange, profileChanges } from "../commands/agent-profile/change.ts";
import { profileCreate } from "../commands/agent-profile/create.ts";
import { profileList } from "../commands/agent-profile/list.ts";
import { profileShow } from "../commands/agent-profile/show.ts";
import { profileUpdate } from "../commands/agent-profile/update.ts";
import { noun } from "./noun.ts";

/** `mayfly agent-profile …`. */
export function agentProfileNoun(): Command {
  return noun(
    "agent-profile",
    ["AI agents: owner, tier, the most that they may do", "mayfly agent-profile list"],
    [profileCreate(), profileList(), profileShow(), profileUpdate(), ...profileChanges.map(profileChange)],
  );
}
