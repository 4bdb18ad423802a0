// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import type { AgentMessage } from "@mayfly/rpc";
import { serverCommand } from "../command.ts";
import { printJson, printLine } from "../../output.ts";
import { duration, idText } from "../../values.ts";
import { allNodes } from "./list.ts";

interface PurgeOptions {
  readonly expiredFor: number;
  readonly dryRun?: boolean;
}

function mayGo(node: AgentMessage, before: number): boolean {
  return !node.banned && !node.can_reattest && Number(node.x509svid_expires_at) < before;
}

/** `mayfly node purge`: forgets nodes that ended long ago and can't come back by themselves; bans stay. */
export function nodePurge(): Command {
  const command = new Command("purge")
    .description("forget nodes that ended and cannot attest again by themselves; bans are kept")
    .addOption(
      new Option("--expired-for <duration>", "only nodes whose SVID ended at least this long ago")
        .argParser(duration)
        .default(2_592_000, "720h"),
    )
    .option("--dry-run", "say what would go, change nothing");
  return serverCommand<PurgeOptions>(
    command,
    "mayfly node purge --expired-for 720h --dry-run",
    async (server, { options, format }) => {
      const before = Date.now() / 1000 - options.expiredFor;
      const nodes = (await allNodes(server, { by_can_reattest: { value: false } })).filter((node) =>
        mayGo(node, before),
      );
      if (options.dryRun !== true) for (const node of nodes) await server.call("agent", "DeleteAgent", { id: node.id });
      const ids = nodes.map((node) => idText(node.id));
      if (format === "json") return printJson({ purged: ids, dry_run: options.dryRun === true });
      for (const id of ids) printLine(`${options.dryRun === true ? "would purge" : "purged"} ${id}`);
    },
  );
}
