// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { workloadCommand } from "../../connect.ts";
import { usageFailure } from "../../failure.ts";
import { printJson, printRaw } from "../../output.ts";
import { idText, plain, repeated, spiffeId, type SpiffeIdMessage } from "../../values.ts";

interface FetchOptions {
  readonly audience?: readonly string[];
  readonly spiffeId?: SpiffeIdMessage;
}

/** `mayfly workload fetch jwt`: prints the tokens, one a line. */
export function fetchJwt(): Command {
  const command = new Command("jwt")
    .description("fetch JWT-SVIDs of this process")
    .option("--audience <name>", "for whom it is; repeatable, one is best", repeated(plain))
    .option("--spiffe-id <id>", "only this identity", spiffeId);
  return workloadCommand<FetchOptions>(
    command,
    "mayfly workload fetch jwt --audience db",
    async (client, options, format, signal) => {
      if (options.audience === undefined) throw usageFailure("missing: --audience");
      const request = {
        audience: options.audience,
        spiffeId: options.spiffeId === undefined ? undefined : idText(options.spiffeId),
      };
      const svids = await client.fetchJwtSvids(request, { signal });
      if (format === "json")
        return printJson({
          svids: svids.map((svid) => ({ spiffe_id: svid.spiffeId, hint: svid.hint, token: svid.token })),
        });
      for (const svid of svids) printRaw(svid.token);
    },
  );
}
