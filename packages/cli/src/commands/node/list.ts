// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AgentMessage, ListAgentsResponse } from "@mayfly/rpc";
import { serverCommand, type ServerConnection } from "../../connect.ts";
import { printJson, printTable, relative, timestamp } from "../../output.ts";
import { idText } from "../../values.ts";
import { nodeFilter, withNodeFilter, type NodeFilterOptions } from "./filter.ts";

const pageSize = 1000;

/** Every attested node that fits the filter, page by page. */
export async function* allNodes(
  server: ServerConnection,
  filter: Record<string, unknown>,
): AsyncIterable<AgentMessage> {
  let pageToken = "";
  do {
    const request = { filter, page_size: pageSize, page_token: pageToken };
    const page = await server.call<ListAgentsResponse>("agent", "ListAgents", request);
    yield* page.agents;
    pageToken = page.next_page_token;
  } while (pageToken !== "");
}

/** Stable JSON form of an attested node. */
export function nodeJson(node: AgentMessage): Record<string, unknown> {
  return {
    spiffe_id: idText(node.id),
    attestation_type: node.attestation_type,
    serial_number: node.x509svid_serial_number,
    expires_at: timestamp(node.x509svid_expires_at) ?? null,
    selectors: node.selectors.map((selector) => `${selector.type}:${selector.value}`),
    banned: node.banned,
    can_reattest: node.can_reattest,
  };
}

/** `mayfly node list`. */
export function nodeList(): Command {
  const command = withNodeFilter(new Command("list").description("list attested nodes"));
  return serverCommand<NodeFilterOptions>(
    command,
    "mayfly node list --attestation-type x509pop",
    async (server, options, format) => {
      const nodes = await Array.fromAsync(allNodes(server, nodeFilter(options)));
      if (format === "json") return printJson({ nodes: nodes.map(nodeJson) });
      printTable(
        ["SPIFFE ID", "ATTESTED BY", "SVID ENDS", "STATE", "SELECTORS"],
        nodes.map((node) => [
          idText(node.id),
          node.attestation_type,
          relative(node.x509svid_expires_at),
          node.banned ? "banned" : "active",
          node.selectors.map((selector) => `${selector.type}:${selector.value}`).join(" "),
        ]),
      );
    },
  );
}
