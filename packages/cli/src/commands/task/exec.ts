// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { BindTaskResponse } from "@mayfly/rpc";
import { targetOf } from "../../channel.ts";
import { connectWorkload, withConnection } from "../../connect.ts";
import { usageFailure } from "../../failure.ts";
import { contentOf } from "../../files.ts";
import { interruptSignal } from "../../interrupt.ts";
import { socketOption, withExample } from "../command.ts";
import { become } from "./become.ts";
import { findProgram } from "./find-program.ts";

interface ExecOptions {
  readonly ticketFile: string;
  readonly socket: string;
}

/** Longer than any ticket; whoever names another file by mistake does not send it. */
const maxTicketLength = 128;

function ticketFrom(file: string): string {
  const ticket = contentOf(file);
  if (ticket === "" || ticket.length > maxTicketLength || !/^[\x21-\x7e]+$/.test(ticket))
    throw usageFailure(`there is no ticket in ${JSON.stringify(file)}`, "mayfly task start prints one");
  return ticket;
}

/** The address in the form in which SPIFFE libraries want it. */
function endpointOf(socket: string): string {
  const { place } = targetOf("agent", socket);
  return place.startsWith("/") ? `unix://${place}` : `tcp://${place}`;
}

async function exec([name = "", ...args]: readonly string[], options: ExecOptions): Promise<void> {
  // First what can be wrong without the ticket: it is good once.
  const program = findProgram(name, process.env["PATH"]);
  const endpoint = endpointOf(options.socket);
  const ticket = ticketFrom(options.ticketFile);
  const bind = (): Promise<BindTaskResponse> =>
    withConnection(connectWorkload(options.socket, interruptSignal()), (agent) =>
      agent.call("taskBinding", "BindTask", { ticket }),
    );
  await bind();
  become({ program, args: [name, ...args], endpoint });
}

/** `mayfly task exec`: shows a ticket to the node's agent, and becomes the command: the same process, so that the task is its own. */
export function taskExec(): Command {
  const command = new Command("exec")
    .description("become a command that works on a task; its children do not")
    .requiredOption("--ticket-file <file>", "the task's one-time ticket; - = standard input")
    .addOption(socketOption())
    .argument("<command...>", "the command, after --");
  return withExample(command, "mayfly task exec --ticket-file ticket -- ./agent --model small").action(exec);
}
