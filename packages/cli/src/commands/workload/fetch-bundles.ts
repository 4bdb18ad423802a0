// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { withExample, workloadCommand } from "../command.ts";
import { printJson, printLine, printRaw } from "../../output.ts";

/** `mayfly workload fetch bundles x509|jwt`. */
export function fetchBundles(): Command {
  const x509 = workloadCommand(
    new Command("x509").description("X.509 bundles, PEM"),
    "mayfly workload fetch bundles x509",
    async (client, { format, signal }) => {
      const bundles = [...(await client.fetchX509Bundles({ signal }))];
      if (format === "json")
        return printJson({
          bundles: bundles.map((bundle) => ({ trust_domain: bundle.trustDomain.name, pem: bundle.toPem() })),
        });
      for (const bundle of bundles) printRaw(`# ${bundle.trustDomain.idString}\n${bundle.toPem()}`);
    },
  );
  const jwt = workloadCommand(
    new Command("jwt").description("JWT bundles, JWK sets"),
    "mayfly workload fetch bundles jwt",
    async (client, { format, signal }) => {
      const bundles = [...(await client.fetchJwtBundles({ signal }))];
      if (format === "json")
        return printJson({
          bundles: bundles.map((bundle) => ({
            trust_domain: bundle.trustDomain.name,
            jwks: JSON.parse(bundle.toJwks()) as unknown,
          })),
        });
      for (const bundle of bundles) printLine(`${bundle.trustDomain.idString} ${bundle.toJwks()}`);
    },
  );
  const bundles = new Command("bundles").description("fetch trust bundles").addCommand(x509).addCommand(jwt);
  return withExample(bundles, "mayfly workload fetch bundles x509");
}
