// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printRecord, relative } from "../../output.ts";
import { idText, spiffeId } from "../../values.ts";
import { nodeJson } from "./list.ts";

/** `mayfly node show`. */
export function nodeShow(): Command {
  const command = new Command("show")
    .description("print one attested node")
    .argument("<spiffe-id>", "SPIFFE ID of the node");
  return serverCommand(
    command,
    "mayfly node show spiffe://example.org/spire/agent/x509pop/…",
    async (server, { format, argument: id }) => {
      const node = await server.call("agent", "GetAgent", { id: spiffeId(String(id)) });
      if (format === "json") return printJson(nodeJson(node));
      printRecord([
        ["SPIFFE ID", idText(node.id)],
        ["Attested by", node.attestation_type],
        ["Serial number", node.x509svid_serial_number],
        ["SVID ends", relative(node.x509svid_expires_at)],
        ["State", node.banned ? "banned" : "active"],
        ["Can re-attest", node.can_reattest ? "yes" : "no"],
        ["Selectors", node.selectors.map((selector) => `${selector.type}:${selector.value}`).join("  ")],
      ]);
    },
  );
}
