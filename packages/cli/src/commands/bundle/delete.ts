// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printLine } from "../../output.ts";
import { trustDomain } from "../../values.ts";
import { batchFailure } from "../batch.ts";

interface DeleteOptions {
  readonly trustDomain: string;
  readonly mode: string;
}

/** `mayfly bundle delete`. */
export function bundleDelete(): Command {
  const command = new Command("delete")
    .description("delete the bundle of another trust domain")
    .requiredOption("--trust-domain <name>", "whose bundle goes", trustDomain)
    .addOption(
      new Option("--mode <mode>", "entries that federate with it: stand in the way, are deleted, or are unlinked")
        .choices(["restrict", "delete", "dissociate"])
        .default("restrict"),
    );
  return serverCommand<DeleteOptions>(
    command,
    "mayfly bundle delete --trust-domain other.org",
    async (server, { options, format }) => {
      const request = { trust_domains: [options.trustDomain], mode: options.mode.toUpperCase() };
      const { results } = await server.call("bundle", "BatchDeleteFederatedBundle", request);
      const failure = batchFailure(results.map((result) => ({ status: result.status, what: result.trust_domain })));
      if (failure !== undefined) throw failure;
      if (format === "json") printJson({ deleted: options.trustDomain });
      else printLine(`deleted the bundle of ${options.trustDomain}`);
    },
  );
}
