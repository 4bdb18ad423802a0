// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { usageFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { assertMeant, canAsk } from "../ask.ts";
import { operatorCommand } from "../operator-command.ts";
import { findTool } from "./find-tool.ts";
import { printTool, toolJson } from "./print.ts";

interface ApproveOptions {
  readonly digest?: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

/** `mayfly tool approve`: shows what changed, and pins the definition that was looked at, if it is still the one that was seen last. */
export function toolApprove(): Command {
  const command = new Command("approve")
    .description("trust a definition of a tool from now on: the one that was seen last, or the old one again")
    .argument("<tool>", "server/tool")
    .option("--digest <digest>", "of the definition that you looked at; on a terminal you are shown it and asked")
    .option("--reason <text>", "why, for the record")
    .option("--yes", "do not ask again");
  const example =
    "mayfly tool approve orders/orders.query --digest sha-256:9f86d0… --reason 'read the new description'";
  return operatorCommand<ApproveOptions>(command, example, async (server, { options, format, argument, signal }) => {
    const { digest: named, reason: why = "", yes } = options;
    if (named === undefined && !canAsk())
      throw usageFailure(
        "--digest is needed where nobody can be asked",
        "mayfly tool show prints it as the seen digest",
      );
    const found = await findTool(server, String(argument));
    if (format === "text") printTool(found);
    const digest = named ?? found.tool.seen_digest;
    if (yes !== true) await assertMeant(`trust ${digest}?`, signal);
    const { server: of, tool } = found.tool;
    const approved = await server.call("approvals", "ApproveTool", { server: of, tool, digest, why });
    if (format === "json") return printJson(toolJson(approved));
    printLine("");
    printLine(`${of}/${tool} is ${approved.state}`);
  });
}
