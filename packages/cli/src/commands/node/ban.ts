// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printLine } from "../../output.ts";
import { idText, spiffeId } from "../../values.ts";

/** `mayfly node ban`: cut a node off at once and keep it from attesting again. */
export function nodeBan(): Command {
  const command = new Command("ban")
    .description("cut a node off at once and keep it from attesting again")
    .argument("<spiffe-id>", "SPIFFE ID of the node");
  return serverCommand(
    command,
    "mayfly node ban spiffe://example.org/spire/agent/x509pop/…",
    async (server, { format, argument }) => {
      const id = spiffeId(String(argument));
      await server.call("agent", "BanAgent", { id });
      if (format === "json") printJson({ banned: idText(id) });
      else printLine(`banned ${idText(id)}`);
    },
  );
}
