// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { Command } from "commander";
import type { SpiffeIdMessage } from "@mayfly/rpc";
import { createRequest, X509Svid } from "@mayfly/spiffe";
import { CliFailure } from "../../failure.ts";
import { writeFiles } from "../../files.ts";
import { printJson, printLine, printRaw, timestamp } from "../../output.ts";
import { duration, idText, plain, repeated, spiffeId } from "../../values.ts";
import { bundleText } from "../bundle/format.ts";
import { serverCommand } from "../command.ts";

interface MintOptions {
  readonly spiffeId: SpiffeIdMessage;
  readonly ttl?: number;
  readonly dnsName?: readonly string[];
  readonly write?: string;
}

/** `mayfly svid mint x509`: an SVID for what cannot attest; the key is made here and never leaves. */
export function mintX509(): Command {
  const command = new Command("x509")
    .description("issue an X.509-SVID without attestation")
    .requiredOption("--spiffe-id <id>", "the identity", spiffeId)
    .option("--ttl <duration>", "lifetime", duration)
    .option("--dns-name <name>", "DNS name in the certificate; repeatable", repeated(plain))
    .option("--write <dir>", "write svid.pem, key.pem and bundle.pem there");
  const example = "mayfly svid mint x509 --spiffe-id spiffe://example.org/db --write .";
  return serverCommand<MintOptions>(command, example, async (server, { options, format }) => {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const csr = createRequest({ keys, uris: [idText(options.spiffeId)], dnsNames: [...(options.dnsName ?? [])] });
    const { svid } = await server.call("svid", "MintX509SVID", { csr, ttl: options.ttl ?? 0 });
    if (!svid) throw new CliFailure("BAD_ANSWER", "the server answered without a certificate");
    // Refuses an answer that is no X.509-SVID, or not for our key.
    const minted = X509Svid.parse(
      Buffer.concat(svid.cert_chain),
      keys.privateKey.export({ format: "der", type: "pkcs8" }),
    );
    const files = {
      "svid.pem": minted.toPem(),
      "key.pem": keys.privateKey.export({ format: "pem", type: "pkcs8" }),
      "bundle.pem": bundleText(await server.call("bundle", "GetBundle", {}), "pem"),
    };
    const written = options.write === undefined ? undefined : writeFiles(options.write, files);
    if (format === "json") {
      const facts = { spiffe_id: idText(svid.id), expires_at: timestamp(svid.expires_at) };
      const [svid_pem, key_pem, bundle_pem] = Object.values(files);
      return printJson({ ...facts, ...(written === undefined ? { svid_pem, key_pem, bundle_pem } : { written }) });
    }
    if (written === undefined) return printRaw(Object.values(files).join(""));
    for (const name of written) printLine(`wrote ${join(options.write ?? "", name)}`);
  });
}
