// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "../attested-node.ts";
import type { ExplainFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { aboutNode } from "./wording.ts";

/** Whether the node's agent may act at all: not banned, and its SVID did not end. */
export function isUsable(node: AttestedNode, now: Date): boolean {
  return node.serialNumber !== "" && Math.max(node.expiresAt, node.newExpiresAt) * 1000 > now.getTime();
}

/** Why nothing can be had on this node; undefined when nothing of the kind is known. */
export function nodeObstacle(nodeId: string, { nodes, now }: ExplainFacts): Finding | undefined {
  if (nodes === undefined) return undefined;
  const node = nodes.get(nodeId);
  if (node === undefined) {
    const hint = "start an agent there with a token from: mayfly token create --enrolment";
    return aboutNode("NODE_UNKNOWN", nodeId, `no node is attested as ${nodeId}`, hint);
  }
  if (node.serialNumber === "") {
    const hint = `if the ban was a mistake: mayfly node evict ${nodeId}, then let its agent attest again`;
    return aboutNode("NODE_BANNED", nodeId, `node ${nodeId} is banned`, hint);
  }
  return isUsable(node, now) ? undefined : expired(node);
}

function expired({ id, expiresAt, newExpiresAt, canReattest }: AttestedNode): Finding {
  const ended = new Date(Math.max(expiresAt, newExpiresAt) * 1000).toISOString();
  const how = canReattest
    ? "start its agent again: it attests by itself"
    : "start its agent again with a new token from: mayfly token create --enrolment";
  return aboutNode("NODE_EXPIRED", id, `the SVID of node ${id} ended at ${ended} and was not renewed`, how);
}

/** How far the node's agent is behind; undefined when it is not, or when that is not known. */
export function agentObstacle(nodeId: string, { agentState }: ExplainFacts): Finding | undefined {
  const state = agentState?.(nodeId);
  if (state === "disconnected") {
    const hint = "see on the node whether the agent runs and reaches the server: mayfly agent healthcheck --verbose";
    return aboutNode("AGENT_NOT_CONNECTED", nodeId, `the agent of ${nodeId} has no stream to the server`, hint);
  }
  if (state !== "behind") return undefined;
  const hint = "wait a moment and ask again; if it stays so, see the agent's log: mayfly agent healthcheck --verbose";
  return aboutNode("AGENT_NOT_SYNCED", nodeId, `the agent of ${nodeId} does not hold the newest entries yet`, hint);
}
