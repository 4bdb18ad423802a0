// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { connectListener, withConnection } from "../../connect.ts";
import { assertWritable } from "../../files.ts";
import { duration } from "../../values.ts";
import { invocation, socketOption, withExample } from "../command.ts";
import { listenerAddress } from "../operator-command.ts";
import { scopeJsonOf } from "./scope-file.ts";
import { printStarted } from "./started.ts";

interface DelegateOptions {
  readonly server: string;
  readonly socket: string;
  readonly scope: string;
  readonly ttl: number;
  readonly agent?: string;
  readonly name?: string;
  readonly ticketFile?: string;
}

/** `mayfly task delegate`: for the process of a task, under the task's own SVID; the child gets no more than the task has. */
export function taskDelegate(): Command {
  const command = new Command("delegate")
    .description("start a child of the task that this process is; it gets no more than the task has")
    .requiredOption("--server <host:port>", "the server's listener", listenerAddress)
    .requiredOption("--scope <file>", "what the child may do, YAML or JSON; - = standard input")
    .requiredOption("--ttl <duration>", "how long it may last", duration)
    .option("--agent <name>", "profile of the child; default: that of the task itself")
    .option("--name <segment>", "name of the child")
    .option("--ticket-file <file>", "write the child's ticket there, mode 0600, instead of printing it")
    .addOption(socketOption());
  const example = "mayfly task delegate --server ca.example.org:8081 --scope child.yaml --ttl 5m --ticket-file ticket";
  return withExample(command, example).action(async (...parameters: unknown[]) => {
    const { options, format, signal } = invocation<DelegateOptions>(parameters);
    const { agent = "", name = "", ttl, ticketFile } = options;
    const request = { agent, name, scope_json: scopeJsonOf(options.scope), ttl_seconds: String(ttl) };
    if (ticketFile !== undefined) assertWritable(ticketFile);
    await withConnection(
      connectListener({ address: options.server, workloadSocket: options.socket, identity: { of: "task" } }, signal),
      async (server) => {
        printStarted(await server.call("tasks", "StartChild", request), { ticketFile, format });
      },
    );
  });
}
