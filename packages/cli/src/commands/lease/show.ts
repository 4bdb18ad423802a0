// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { leaseJson, printLease } from "./print.ts";

/** `mayfly lease show`. */
export function leaseShow(): Command {
  const command = new Command("show")
    .description("print a lease and how it ended")
    .argument("<lease-id>", "id of the lease");
  const example = "mayfly lease show l-4fqx3mzv5k2j7ahw";
  return operatorCommand(command, example, async (server, { format, argument }) => {
    const lease = await server.call("leases", "GetLease", { id: String(argument) });
    if (format === "json") printJson(leaseJson(lease));
    else printLease(lease);
  });
}
