// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { ApproveToolRequest } from "@mayfly/rpc";
import type { PinnedTool } from "@mayfly/tasks";
import { type Actor, mayAdministerAll, notAllowed } from "../callers/actor.ts";
import { recordText } from "../record/recorder.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

/**
 * Pins the definition of a tool that was seen last, if it is the one that the operator looked at.
 * @throws {StatusError} PERMISSION_DENIED; FAILED_PRECONDITION, code TOOL_CHANGED
 */
export async function approveTool(layer: TaskLayer, actor: Actor, request: ApproveToolRequest): Promise<PinnedTool> {
  if (!mayAdministerAll(actor)) throw notAllowed(`${actor.name} does not have the role admin over all agents`);
  const { server, tool, digest, why } = request;
  const { stores, clock, recorder } = layer;
  return await recorder.around(
    {
      kind: "policy",
      actor: actor.name,
      tool: recordText(`${server}/${tool}`).slice(0, 200),
      body: { act: "approve-tool", digest: recordText(digest).slice(0, 128), why: recordText(why) },
    },
    {
      stops: "act",
      act: async () => {
        const approved = await stores.tools.approve({ server, tool, digest, by: actor.name, at: clock.now() });
        if (approved !== undefined) return approved;
        throw taskRefusal(status.FAILED_PRECONDITION, {
          code: "TOOL_CHANGED",
          message: "that is not the definition that was seen last, or the tool was never seen",
          hint: "look at the tool again: its seen digest is the one to approve",
        });
      },
    },
  );
}
