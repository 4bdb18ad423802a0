// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { SpiffeIdMessage } from "@mayfly/rpc";
import { assertWritable } from "../../files.ts";
import { duration, idText, spiffeId } from "../../values.ts";
import { operatorCommand } from "../operator-command.ts";
import { scopeJsonOf } from "./scope-file.ts";
import { printStarted } from "./started.ts";

interface StartOptions {
  readonly agent: string;
  readonly owner: string;
  readonly scope: string;
  readonly ttl: number;
  readonly node?: SpiffeIdMessage;
  readonly ticketFile?: string;
}

/** `mayfly task start`: a root task, its identity and the ticket with which one process becomes it. */
export function taskStart(): Command {
  const command = new Command("start")
    .description("start a task of an agent; its one-time ticket makes one process that task")
    .requiredOption("--agent <name>", "profile of the agent")
    .requiredOption("--owner <operator>", "who answers for the task")
    .requiredOption("--scope <file>", "what it may do, YAML or JSON; - = standard input")
    .requiredOption("--ttl <duration>", "how long it may last", duration)
    .option("--node <id>", "SPIFFE ID of the node that it runs on", spiffeId)
    .option("--ticket-file <file>", "write the ticket there, mode 0600, instead of printing it");
  const example =
    "mayfly task start --agent ops/refunds --owner dana --scope scope.yaml --ttl 30m --ticket-file ticket";
  return operatorCommand<StartOptions>(command, example, async (server, { options, format }) => {
    const { agent, owner, scope, ttl, node, ticketFile } = options;
    const scope_json = scopeJsonOf(scope);
    if (ticketFile !== undefined) assertWritable(ticketFile);
    const request = { agent, owner, scope_json, ttl_seconds: String(ttl), parent_node_id: idText(node) };
    printStarted(await server.call("tasks", "StartTask", request), { ticketFile, format });
  });
}
