// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { authorityChange, authorityChanges } from "../commands/authority/change.ts";
import { authorityList } from "../commands/authority/list.ts";
import { noun } from "./noun.ts";

/** `mayfly authority …`. */
export function authorityNoun(): Command {
  return noun(
    "authority",
    ["signing authorities", "mayfly authority list x509"],
    [authorityList(), ...authorityChanges.map(authorityChange)],
  );
}
