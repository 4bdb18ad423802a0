// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { toolApprove } from "../commands/tool/approve.ts";
import { toolList } from "../commands/tool/list.ts";
import { toolShow } from "../commands/tool/show.ts";
import { noun } from "./noun.ts";

/** `mayfly tool …`. */
export function toolNoun(): Command {
  return noun(
    "tool",
    ["tools as gateways see them, and the definitions that are trusted", "mayfly tool list --state quarantined"],
    [toolList(), toolShow(), toolApprove()],
  );
}
