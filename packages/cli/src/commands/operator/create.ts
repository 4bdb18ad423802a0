// SPDX-License-Identifier: Apache-2.0
import { Command, InvalidArgumentError } from "commander";
import type { OperatorRoleMessage, SpiffeIdMessage } from "@mayfly/rpc";
import { usageFailure } from "../../failure.ts";
import { contentOf } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { idText, plain, repeated, spiffeId } from "../../values.ts";
import { operatorCommand } from "../operator-command.ts";
import { operatorJson, rolesText } from "./print.ts";

interface CreateOptions {
  readonly role: readonly OperatorRoleMessage[];
  readonly keyFile?: readonly string[];
  readonly spiffeId?: readonly SpiffeIdMessage[];
  readonly alias?: readonly string[];
}

const roles = ["viewer", "operator", "approver", "admin"];

/** `approver` or `approver:/ops`. */
function roleOf(text: string): OperatorRoleMessage {
  const [role = "", ...rest] = text.split(":");
  if (!roles.includes(role))
    throw new InvalidArgumentError(`expected one of ${roles.join(", ")}, with :/prefix behind it or not`);
  return { role, prefix: rest.length === 0 ? "/" : rest.join(":") };
}

/** Public keys of a file, one a line as `ssh-keygen` writes them. A private key is refused before anything is sent. */
function keysOf(file: string): string[] {
  const text = contentOf(file);
  if (/PRIVATE KEY/.test(text))
    throw usageFailure(`${JSON.stringify(file)} is a private key`, "give the .pub file beside it");
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/** `mayfly operator create`: a person, by key or SPIFFE ID. */
export function operatorCreate(): Command {
  const command = new Command("create")
    .description("register a person who starts, approves or administers")
    .argument("<name>", "name of the person")
    .requiredOption(
      "--role <role[:/prefix]>",
      `${roles.join(", ")}; over agents below the prefix, default all; repeatable`,
      repeated(roleOf),
    )
    .option(
      "--key-file <file>",
      "public SSH key (ssh-ed25519) that approvals are signed with; repeatable",
      repeated(plain),
    )
    .option("--spiffe-id <id>", "identity that the person connects with; repeatable", repeated(spiffeId))
    .option("--alias <name>", "another name of the same person; repeatable", repeated(plain));
  const example = "mayfly operator create lee --role approver:/ops --key-file lee.pub";
  return operatorCommand<CreateOptions>(command, example, async (server, { options, format, argument }) => {
    const operator = await server.call("profiles", "CreateOperator", {
      name: String(argument),
      keys: (options.keyFile ?? []).flatMap(keysOf),
      roles: options.role,
      spiffe_ids: (options.spiffeId ?? []).map(idText),
      aliases: options.alias ?? [],
    });
    if (format === "json") printJson(operatorJson(operator));
    else printLine(`${operator.name} is ${operator.state}: ${rolesText(operator)}`);
  });
}
