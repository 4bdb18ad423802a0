// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { PinnedToolMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure, usageFailure } from "../../failure.ts";

/** A tool with both definitions in canonical JSON: the trusted one, and the one that was seen last. */
export interface FoundTool {
  readonly tool: PinnedToolMessage;
  readonly trusted: string;
  readonly seen: string;
}

function digestOf(definition: string): string {
  return `sha-256:${createHash("sha256").update(definition).digest("hex")}`;
}

/** The tool `server/name`; what is shown is what the digests are of. @throws {CliFailure} USAGE, NOT_FOUND, BAD_ANSWER */
export async function findTool(server: ServerConnection, name: string): Promise<FoundTool> {
  const [, of, tool] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  if (of === undefined || tool === undefined)
    throw usageFailure(`${JSON.stringify(name)} is no tool`, "tools are named server/tool, as mayfly tool list does");
  const found = await server.call("approvals", "GetTool", { server: of, tool });
  const { definition_json: trusted, seen_definition_json: seen } = found;
  if (found.tool?.digest !== digestOf(trusted) || found.tool.seen_digest !== digestOf(seen))
    throw new CliFailure("BAD_ANSWER", "the server's definitions are not those of its digests", {
      hint: "approve nothing; the server, or who is in its place, shows one definition and pins another one",
    });
  return { tool: found.tool, trusted, seen };
}
