// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { entryCount } from "../commands/entry/count.ts";
import { entryCreate } from "../commands/entry/create.ts";
import { entryDelete } from "../commands/entry/delete.ts";
import { entryList } from "../commands/entry/list.ts";
import { entryShow } from "../commands/entry/show.ts";
import { entryUpdate } from "../commands/entry/update.ts";
import { noun } from "./noun.ts";

/** `mayfly entry …`. */
export function entryNoun(): Command {
  return noun(
    "entry",
    ["registration entries: which processes are which identity", "mayfly entry list"],
    [entryCreate(), entryList(), entryShow(), entryUpdate(), entryDelete(), entryCount()],
  );
}
