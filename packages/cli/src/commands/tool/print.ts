// SPDX-License-Identifier: Apache-2.0
import type { PinnedToolMessage } from "@mayfly/rpc";
import { instantJson, instantText } from "../../instants.ts";
import { printLine, printRecord } from "../../output.ts";
import { definitionChanges } from "./definition-changes.ts";
import type { FoundTool } from "./find-tool.ts";

/** Stable JSON form of a tool without its definitions. */
export function toolJson(tool: PinnedToolMessage): Record<string, unknown> {
  return {
    server: tool.server,
    tool: tool.tool,
    state: tool.state,
    digest: tool.digest,
    seen_digest: tool.seen_digest,
    pinned_by: tool.pinned_by,
    pinned_at: instantJson(tool.pinned_at_ms),
    seen_at: instantJson(tool.seen_at_ms),
  };
}

/** Stable JSON form of a tool with both definitions and where they differ; a member that is not there is left out of its change. */
export function foundToolJson({ tool, trusted, seen }: FoundTool): Record<string, unknown> {
  const definitions = { definition: JSON.parse(trusted) as unknown, seen_definition: JSON.parse(seen) as unknown };
  return {
    ...toolJson(tool),
    ...definitions,
    changes: definitionChanges(definitions.definition, definitions.seen_definition),
  };
}

function printChanges(trusted: string, seen: string): void {
  for (const { path, before, after } of definitionChanges(JSON.parse(trusted), JSON.parse(seen))) {
    printLine("");
    printLine([path === "" ? "the whole definition" : path, "bold"]);
    if (before !== undefined) printLine([`- ${JSON.stringify(before)}`, "red"]);
    if (after !== undefined) printLine([`+ ${JSON.stringify(after)}`, "green"]);
  }
}

/** A tool for people: both definitions in canonical JSON, then each place where they differ. */
export function printTool({ tool, trusted, seen }: FoundTool): void {
  const changed = tool.digest !== tool.seen_digest;
  printRecord([
    ["Tool", `${tool.server}/${tool.tool}`],
    ["State", tool.state],
    ["Pinned by", `${tool.pinned_by}, ${instantText(tool.pinned_at_ms)}`],
    ["Digest", tool.digest],
    ["Definition", trusted],
    ["Seen", instantText(tool.seen_at_ms)],
    ["Seen digest", changed ? tool.seen_digest : ""],
    ["Seen definition", changed ? seen : ""],
  ]);
  if (changed) printChanges(trusted, seen);
}
