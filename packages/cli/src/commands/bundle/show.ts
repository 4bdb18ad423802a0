// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printRaw } from "../../output.ts";
import { trustDomain } from "../../values.ts";
import { bundleText, formatOption, type BundleFormat } from "./format.ts";

interface ShowOptions {
  readonly trustDomain?: string;
  readonly format: BundleFormat;
}

/** `mayfly bundle show`. */
export function bundleShow(): Command {
  const command = new Command("show")
    .description("print the server's bundle, or that of another trust domain")
    .option("--trust-domain <name>", "a federated trust domain", trustDomain)
    .addOption(formatOption());
  return serverCommand<ShowOptions>(
    command,
    "mayfly bundle show --format spiffe",
    async (server, { options, format }) => {
      const bundle =
        options.trustDomain === undefined
          ? await server.call("bundle", "GetBundle", {})
          : await server.call("bundle", "GetFederatedBundle", { trust_domain: options.trustDomain });
      printRaw(bundleText(bundle, format === "json" ? "spiffe" : options.format));
    },
  );
}
