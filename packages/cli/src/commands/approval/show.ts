// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { printJson } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { changesOf } from "./changes.ts";
import { checkedPayload } from "./check-payload.ts";
import { approvalJson, printApproval } from "./print.ts";

interface ShowOptions {
  readonly payload?: "approve" | "deny";
}

/** `mayfly approval show`: with `--payload` the exact octets to sign elsewhere, and nothing else. */
export function approvalShow(): Command {
  const command = new Command("show")
    .description("print a call that waits for people, with its arguments and what an approval would change")
    .argument("<approval-id>", "id of the approval")
    .addOption(
      new Option("--payload <decision>", "print what is signed to approve or deny, and nothing else").choices([
        "approve",
        "deny",
      ]),
    );
  const example = "mayfly approval show a-5f2k7q --payload approve";
  return operatorCommand<ShowOptions>(command, example, async (server, { options, format, argument }) => {
    const approval = await server.call("approvals", "GetApproval", { id: String(argument) });
    if (options.payload !== undefined) {
      // No line end behind it: it would be signed, too.
      process.stdout.write(checkedPayload(approval, options.payload));
      return;
    }
    const changes = await changesOf(server, approval);
    if (format === "json") return printJson({ ...approvalJson(approval), changes });
    printApproval(approval, changes);
  });
}
