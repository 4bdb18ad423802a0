// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { serverCommand } from "../command.ts";
import { printJson, printTable } from "../../output.ts";

/** `mayfly bundle list`. */
export function bundleList(): Command {
  const command = new Command("list").description("list the bundles of other trust domains");
  return serverCommand(command, "mayfly bundle list", async (server, { format }) => {
    const { bundles } = await server.call("bundle", "ListFederatedBundles", {});
    const rows = bundles.map((bundle) => ({
      trust_domain: bundle.trust_domain,
      x509_authorities: bundle.x509_authorities.length,
      jwt_authorities: bundle.jwt_authorities.length,
      sequence_number: bundle.sequence_number,
      refresh_hint: Number(bundle.refresh_hint),
    }));
    if (format === "json") return printJson({ bundles: rows });
    printTable(
      ["TRUST DOMAIN", "X.509 AUTHORITIES", "JWT AUTHORITIES", "SEQUENCE"],
      rows.map((row) => [
        row.trust_domain,
        String(row.x509_authorities),
        String(row.jwt_authorities),
        row.sequence_number,
      ]),
    );
  });
}
