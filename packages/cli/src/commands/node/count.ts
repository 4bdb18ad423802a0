// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printLine } from "../../output.ts";
import { nodeFilter, withNodeFilter, type NodeFilterOptions } from "./filter.ts";

/** `mayfly node count`. */
export function nodeCount(): Command {
  const command = withNodeFilter(new Command("count").description("count attested nodes"));
  return serverCommand<NodeFilterOptions>(
    command,
    "mayfly node count --banned",
    async (server, { options, format }) => {
      const { count } = await server.call("agent", "CountAgents", { filter: nodeFilter(options) });
      if (format === "json") return printJson({ count });
      printLine(String(count));
    },
  );
}
