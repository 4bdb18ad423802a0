// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { AgentMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { printJson, printTable, relative, timestamp } from "../../output.ts";
import { idText } from "../../values.ts";
import { serverCommand } from "../command.ts";
import { nodeFilter, type NodeFilterOptions, withNodeFilter } from "./filter.ts";

const pageSize = 500;

/** Every attested node that fits the filter, read page by page. */
export async function allNodes(server: ServerConnection, filter: object): Promise<AgentMessage[]> {
  const nodes: AgentMessage[] = [];
  let page_token = "";
  do {
    const page = await server.call("agent", "ListAgents", { filter, page_size: pageSize, page_token });
    nodes.push(...page.agents);
    page_token = page.next_page_token;
  } while (page_token !== "");
  return nodes;
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
    agent_version: node.agent_version,
  };
}

/** `mayfly node list`. */
export function nodeList(): Command {
  const command = withNodeFilter(new Command("list").description("list attested nodes"));
  return serverCommand<NodeFilterOptions>(
    command,
    "mayfly node list --attestation-type x509pop",
    async (server, { options, format }) => {
      const nodes = await allNodes(server, nodeFilter(options));
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
