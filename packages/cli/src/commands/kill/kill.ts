// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printEnd } from "../end-progress.ts";
import { idText, spiffeId } from "../../values.ts";
import { operatorCommand } from "../operator-command.ts";

/** What can be killed, and what that means. */
export interface KillTarget {
  readonly kind: "task" | "agent" | "node" | "spiffe-id";
  readonly what: string;
  readonly description: string;
  readonly example: string;
}

/** All of them. */
export const killTargets: readonly KillTarget[] = [
  {
    kind: "task",
    what: "<task-id>",
    description: "end a task and all below it",
    example: "mayfly kill task t-qx3mzv5k2j7ahwbn --reason leaked",
  },
  {
    kind: "agent",
    what: "<name>",
    description: "suspend an agent's profile and end all of its tasks",
    example: "mayfly kill agent ops/refunds --reason rogue",
  },
  {
    kind: "node",
    what: "<spiffe-id>",
    description: "end all tasks on a node, and ban it",
    example: "mayfly kill node spiffe://example.org/spire/agent/x509pop/n1 --reason compromised",
  },
  {
    kind: "spiffe-id",
    what: "<spiffe-id>",
    description: "end whatever stands on an identity: a task, an agent, a node, or registration entries",
    example: "mayfly kill spiffe-id spiffe://example.org/agent/ops/refunds --reason stolen",
  },
];

/** A SPIFFE ID in full. */
function wholeId(text: string): string {
  return idText(spiffeId(text));
}

interface KillOptions {
  readonly reason: string;
}

/** `mayfly kill task|agent|node|spiffe-id`. */
export function killCommand({ kind, what, description, example }: KillTarget): Command {
  const command = new Command(kind)
    .description(description)
    .argument(what, `which ${kind}`, what === "<spiffe-id>" ? wholeId : undefined)
    .requiredOption("--reason <text>", "why, for the record");
  return operatorCommand<KillOptions>(command, example, async (server, { options, format, argument }) => {
    const request = { kind, what: String(argument), why: options.reason };
    await printEnd(server, ["Kill", request], format);
  });
}
