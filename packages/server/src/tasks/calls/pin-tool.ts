// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { canonicalJson } from "@mayfly/journal";
import type { PinToolRequest } from "@mayfly/rpc";
import type { PinnedTool } from "@mayfly/tasks";
import { invalidArgument } from "../../rpc/wire/refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

const maxDefinitionBytes = 131_072;

function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text), { maxBytes: maxDefinitionBytes }) === text;
  } catch {
    return false;
  }
}

function assertDefinition({ definition_digest: digest, definition_json: definition }: PinToolRequest): void {
  if (Buffer.byteLength(definition) > maxDefinitionBytes) throw invalidArgument("the definition has more than 128 KiB");
  const actual = `sha-256:${createHash("sha256").update(definition).digest("hex")}`;
  if (digest !== actual) throw invalidArgument("the digest is not that of the definition");
  if (!isCanonical(definition)) throw invalidArgument("the definition is no canonical JSON");
}

/**
 * A tool's definition as a gateway sees it. The first one is pinned; another one quarantines the tool until an operator approves it.
 * @throws {StatusError} INVALID_ARGUMENT
 */
export async function pinTool(layer: TaskLayer, gateway: string, request: PinToolRequest): Promise<PinnedTool> {
  const { server, tool, definition_digest: digest, definition_json: definition } = request;
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(server)) throw invalidArgument("malformed name of a tool server");
  if (!/^[A-Za-z0-9_./-]{1,128}$/.test(tool)) throw invalidArgument("malformed name of a tool");
  const { tools } = layer.stores;
  const before = await tools.get(server, tool);
  if (before?.state === "pinned" && before.digest === digest) return before;
  assertDefinition(request);
  const name = `${server}/${tool}`;
  const seen = await tools.see({ server, tool, digest, definition, by: gateway, at: layer.clock.now() });
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
