// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import type { ApprovalMessage } from "@mayfly/rpc";
import type { ServerConnection } from "../../connection.ts";
import { CliFailure, usageFailure } from "../../failure.ts";
import { contentOf } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { assertMeant } from "../ask.ts";
import { allOperators } from "../operator/list.ts";
import { operatorCommand } from "../operator-command.ts";
import { changesOf } from "./changes.ts";
import { checkedPayload } from "./check-payload.ts";
import { approvalJson, printApproval } from "./print.ts";
import { signApproval } from "./sign.ts";

interface DecideOptions {
  readonly operator: string;
  readonly key?: string;
  readonly signatureFile?: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

async function signatureOf(
  server: ServerConnection,
  payload: string,
  { operator, key, signatureFile }: DecideOptions,
): Promise<string> {
  if (signatureFile !== undefined) return contentOf(signatureFile);
  if (key !== undefined) return await signApproval(payload, { keyFile: key, registered: [] });
  const operators = await allOperators(server);
  const registered = operators.find(({ name }) => name === operator)?.keys;
  if (registered === undefined) throw new CliFailure("NOT_FOUND", `there is no operator ${JSON.stringify(operator)}`);
  return await signApproval(payload, { keyFile: undefined, registered });
}

function printDecided({ id, state, approvers, approvals_needed: needed }: ApprovalMessage): void {
  const more = needed - approvers.length;
  const waits =
    state === "pending" && more > 0 ? `, ${String(more)} more ${more === 1 ? "person" : "people"} needed` : "";
  printLine(`${id} is ${state}${waits}`);
}

/** `mayfly approval approve|deny`: shows the call, signs the decision with an operator's key, and sends it. */
export function approvalDecide(verb: "approve" | "deny"): Command {
  const command = new Command(verb)
    .description(verb === "approve" ? "sign that one call may be made, once" : "sign that a call may not be made")
    .argument("<approval-id>", "id of the approval")
    .addOption(new Option("--operator <name>", "who decides").env("MAYFLY_OPERATOR").makeOptionMandatory())
    .option("--key <file>", "SSH key (ssh-ed25519) to sign with; default: the operator's key in ssh-agent")
    .option(
      "--signature-file <file>",
      "a signature that was made elsewhere over what show --payload prints; - = standard input",
    )
    .option("--reason <text>", "why, for the record")
    .option("--yes", "do not ask again");
  const example = `mayfly approval ${verb} a-5f2k7q --operator lee --key ~/.ssh/id_ed25519`;
  return operatorCommand<DecideOptions>(command, example, async (server, { options, format, argument, signal }) => {
    if (options.key !== undefined && options.signatureFile !== undefined)
      throw usageFailure("--key excludes --signature-file");
    const approval = await server.call("approvals", "GetApproval", { id: String(argument) });
    const payload = checkedPayload(approval, verb);
    if (format === "text") printApproval(approval, await changesOf(server, approval));
    if (options.yes !== true) await assertMeant(`${verb} this call?`, signal);
    const signature = await signatureOf(server, payload, options);
    const request = { id: approval.id, operator: options.operator, approve: verb === "approve", signature };
    const decided = await server.call("approvals", "DecideApproval", { ...request, why: options.reason ?? "" });
    if (format === "json") printJson(approvalJson(decided));
    else printDecided(decided);
  });
}
