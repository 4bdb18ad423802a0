// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { contentOf } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { workloadCommand } from "../command.ts";

interface ValidateOptions {
  readonly audience: string;
  readonly tokenFile: string;
}

/** `mayfly workload validate jwt`: asks the agent; exit 1 when the token is not valid. */
export function validateJwt(): Command {
  const command = new Command("jwt")
    .description("have the agent validate a JWT-SVID; exit 1 when it is not valid")
    .requiredOption("--audience <name>", "the audience that it must be for")
    .requiredOption("--token-file <file>", "the token; - for standard input");
  const example = "mayfly workload validate jwt --audience db --token-file token";
  return workloadCommand<ValidateOptions>(command, example, async (client, { options, format, signal }) => {
    const token = contentOf(options.tokenFile);
    const verdict = await client.validateJwtSvid({ audience: options.audience, token, signal });
    if (format === "json") return printJson({ spiffe_id: verdict.id.toString(), claims: verdict.claims });
    printLine(["valid", "green"], `  ${verdict.id.toString()}`);
    for (const [name, value] of Object.entries(verdict.claims)) printLine(`  ${name}: ${JSON.stringify(value)}`);
  });
}
