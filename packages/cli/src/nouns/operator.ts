// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { operatorChange, operatorChanges } from "../commands/operator/change.ts";
import { operatorCreate } from "../commands/operator/create.ts";
import { operatorList } from "../commands/operator/list.ts";
import { noun } from "./noun.ts";

/** `mayfly operator …`. */
export function operatorNoun(): Command {
  return noun(
    "operator",
    ["people who start tasks, approve calls and administer agents", "mayfly operator list"],
    [operatorCreate(), operatorList(), ...operatorChanges.map(operatorChange)],
  );
}
