// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printLine } from "../../output.ts";
import { contentOf } from "../../files.ts";
import { trustDomain } from "../../values.ts";
import { batchFailure } from "../batch.ts";
import { bundleMessage, formatOption, type BundleFormat } from "./format.ts";

interface SetOptions {
  readonly trustDomain: string;
  readonly format: BundleFormat;
}

/** `mayfly bundle set`. */
export function bundleSet(): Command {
  const command = new Command("set")
    .description("store the bundle of another trust domain")
    .argument("[file]", "the bundle; - for standard input", "-")
    .requiredOption("--trust-domain <name>", "whose bundle it is", trustDomain)
    .addOption(formatOption());
  return serverCommand<SetOptions>(
    command,
    "mayfly bundle set --trust-domain other.org other.pem",
    async (server, { options, format, argument: file }) => {
      const bundle = bundleMessage(options.trustDomain, contentOf(String(file)), options.format);
      const { results } = await server.call("bundle", "BatchSetFederatedBundle", {
        bundle: [bundle],
      });
      const failure = batchFailure(results.map((result) => ({ status: result.status, what: options.trustDomain })));
      if (failure !== undefined) throw failure;
      if (format === "json") printJson({ set: options.trustDomain });
      else printLine(`set the bundle of ${options.trustDomain}`);
    },
  );
}
