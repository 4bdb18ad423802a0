// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { AgentProfile } from "@mayfly/tasks";
import { parseIdText } from "../../rpc/wire/spiffe-id.ts";
import { orInvalidArgument } from "../../rpc/wire/refusal.ts";
import type { LiveViews } from "../../views/live-views.ts";
import { taskRefusal } from "../refusal.ts";

/**
 * The node, or alias of nodes, that a task runs on: the one asked for, else the profile's, else the only one there is.
 * @throws {StatusError} INVALID_ARGUMENT; FAILED_PRECONDITION, code NODE_NOT_NAMED
 */
export function placeOf(
  { views, trustDomain }: { readonly views: LiveViews; readonly trustDomain: string },
  profile: AgentProfile,
  asked: string,
): string {
  if (asked !== "" && profile.parentId !== undefined && asked !== profile.parentId) {
    throw taskRefusal(status.FAILED_PRECONDITION, {
      code: "NODE_NOT_ALLOWED",
      message: `the tasks of agent ${profile.name} run on ${profile.parentId}`,
      hint: "leave the node out",
    });
  }
  const named = asked || profile.parentId;
  if (named !== undefined) {
    const id = orInvalidArgument("invalid node ID", () => parseIdText(named));
    if (id.trustDomain === trustDomain) return id.text;
  }
  const nodes = [...views.nodes].filter(({ serialNumber }) => serialNumber !== "");
  const [only] = nodes;
  if (named === undefined && only !== undefined && nodes.length === 1) return only.id;
  throw taskRefusal(status.FAILED_PRECONDITION, {
    code: "NODE_NOT_NAMED",
    message: `there are ${String(nodes.length)} nodes, and none of them, nor an alias, was named`,
    hint: "name a node of this trust domain with the task, or in the agent's profile",
  });
}
