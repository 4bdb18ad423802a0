// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { workloadCommand } from "../../connect.ts";
import { printJson, printLine } from "../../output.ts";
import { contentOf } from "../../values.ts";

interface ValidateOptions {
  readonly audience: string;
  readonly tokenFile: string;
}

/** `mayfly workload validate jwt`: asks the agent; exit 1 when the token is not valid. */
export function validateJwt(): Command {
  const command = new Command("jwt")
    .description("have the agent validate a JWT-SVID")
    .requiredOption("--audience <name>", "the audience that it must be for")
    .requiredOption("--token-file <file>", "the token; - for standard input");
  return workloadCommand<ValidateOptions>(
    command,
    "mayfly workload validate jwt --audience db --token-file token",
    async (client, options, format, signal) => {
      const verdict = await client.validateJwtSvid(
        { audience: options.audience, token: contentOf(options.tokenFile) },
        { signal },
      );
      if (format === "json") return printJson({ spiffe_id: verdict.spiffeId, claims: verdict.claims });
      printLine(`valid: ${verdict.spiffeId}`);
      for (const [name, value] of Object.entries(verdict.claims)) printLine(`  ${name}: ${JSON.stringify(value)}`);
    },
  );
}
