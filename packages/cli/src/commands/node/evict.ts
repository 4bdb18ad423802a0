// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printLine } from "../../output.ts";
import { idText, spiffeId } from "../../values.ts";

/** `mayfly node evict`: forget a node; it may attest again, and a ban is lifted. */
export function nodeEvict(): Command {
  const command = new Command("evict")
    .description("forget a node; it may attest again, and a ban is lifted")
    .argument("<spiffe-id>", "SPIFFE ID of the node");
  return serverCommand(
    command,
    "mayfly node evict spiffe://example.org/spire/agent/x509pop/…",
    async (server, { format, argument }) => {
      const id = spiffeId(String(argument));
      await server.call("agent", "DeleteAgent", { id });
      if (format === "json") printJson({ evicted: idText(id) });
      else printLine(`evicted ${idText(id)}`);
    },
  );
}
