// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { SpiffeIdMessage } from "@mayfly/rpc";
import { printJson, printRaw } from "../../output.ts";
import { idText, plain, repeated, spiffeId } from "../../values.ts";
import { workloadCommand } from "../command.ts";

interface FetchOptions {
  readonly audience: readonly string[];
  readonly spiffeId?: SpiffeIdMessage;
}

/** `mayfly workload fetch jwt`: prints the tokens, one a line. */
export function fetchJwt(): Command {
  const command = new Command("jwt")
    .description("fetch JWT-SVIDs of this process")
    .requiredOption("--audience <name>", "for whom it is; repeatable, one is best", repeated(plain))
    .option("--spiffe-id <id>", "only this identity", spiffeId);
  return workloadCommand<FetchOptions>(
    command,
    "mayfly workload fetch jwt --audience db",
    async (client, { options, format, signal }) => {
      const wanted = options.spiffeId === undefined ? {} : { spiffeId: idText(options.spiffeId) };
      const svids = await client.fetchJwtSvids({ audience: options.audience, ...wanted, signal });
      if (format === "json")
        return printJson({
          svids: svids.map((svid) => ({ spiffe_id: svid.id.toString(), hint: svid.hint, token: svid.token })),
        });
      for (const svid of svids) printRaw(svid.token);
    },
  );
}
