// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { bundleDelete } from "../commands/bundle/delete.ts";
import { bundleList } from "../commands/bundle/list.ts";
import { bundleSet } from "../commands/bundle/set.ts";
import { bundleShow } from "../commands/bundle/show.ts";
import { noun } from "./noun.ts";

/** `mayfly bundle …`. */
export function bundleNoun(): Command {
  return noun(
    "bundle",
    ["trust bundles", "mayfly bundle show"],
    [bundleShow(), bundleList(), bundleSet(), bundleDelete()],
  );
}
