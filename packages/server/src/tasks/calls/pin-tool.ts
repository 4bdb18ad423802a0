// SPDX-License-Identifier: Apache-2.0
import type { PinToolRequest } from "@mayfly/rpc";
import type { PinnedTool } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

/**
 * A tool's definition as a gateway sees it. The first one is pinned; another one quarantines the tool until an operator approves it.
 * @throws {StatusError} INVALID_ARGUMENT
 */
export async function pinTool(layer: TaskLayer, gateway: string, request: PinToolRequest): Promise<PinnedTool> {
  const { server, tool, definition_digest: digest } = request;
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(server)) throw invalidArgument("malformed name of a tool server");
  if (!/^[A-Za-z0-9_./-]{1,128}$/.test(tool)) throw invalidArgument("malformed name of a tool");
  if (!/^sha-256:[0-9a-f]{64}$/.test(digest)) throw invalidArgument("malformed digest of a definition");
  const { tools } = layer.stores;
  const before = await tools.get(server, tool);
  if (before?.state === "pinned" && before.digest === digest) return before;
  const name = `${server}/${tool}`;
  const seen = await tools.see({ server, tool, digest, by: gateway, at: layer.clock.now() });
  if (seen.revision === before?.revision) return seen;
  const isNew = before === undefined;
  if (!isNew) layer.logger.error("tool_quarantined", { tool: name, pinned: seen.digest, seen: digest });
  await layer.recorder.event({
    kind: "policy",
    actor: gateway,
    tool: name,
    body: { act: isNew ? "pin-tool" : "quarantine-tool", pinned: seen.digest, seen: digest },
  });
  return seen;
}
