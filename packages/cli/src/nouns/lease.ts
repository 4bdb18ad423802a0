// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { leaseList } from "../commands/lease/list.ts";
import { leaseRevoke } from "../commands/lease/revoke.ts";
import { leaseShow } from "../commands/lease/show.ts";
import { noun } from "./noun.ts";

/** `mayfly lease …`. */
export function leaseNoun(): Command {
  return noun(
    "lease",
    ["accounts at back-ends that exist for one call", "mayfly lease list"],
    [leaseList(), leaseShow(), leaseRevoke()],
  );
}
