// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { nodeBan } from "../commands/node/ban.ts";
import { nodeCount } from "../commands/node/count.ts";
import { nodeEvict } from "../commands/node/evict.ts";
import { nodeList } from "../commands/node/list.ts";
import { nodePurge } from "../commands/node/purge.ts";
import { nodeShow } from "../commands/node/show.ts";
import { noun } from "./noun.ts";

/** `mayfly node …`. */
export function nodeNoun(): Command {
  return noun(
    "node",
    ["attested nodes", "mayfly node list"],
    [nodeList(), nodeShow(), nodeBan(), nodeEvict(), nodeCount(), nodePurge()],
  );
}
