// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { leaseJson } from "./print.ts";

interface RevokeOptions {
  readonly reason?: string;
}

/** `mayfly lease revoke`: orders its end; the broker ends it and proves that. */
export function leaseRevoke(): Command {
  const command = new Command("revoke")
    .description("order the end of a lease; the broker cuts it off and proves that it is gone")
    .argument("<lease-id>", "id of the lease")
    .option("--reason <text>", "why, for the record");
  const example = "mayfly lease revoke l-4fqx3mzv5k2j7ahw --reason leaked";
  return operatorCommand<RevokeOptions>(command, example, async (server, { options, format, argument }) => {
    const request = { id: String(argument), why: options.reason ?? "" };
    const lease = await server.call("leases", "RevokeLease", request);
    if (format === "json") printJson(leaseJson(lease));
    else printLine(`${lease.id} is ${lease.state}`);
  });
}
