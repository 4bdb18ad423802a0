// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { Command } from "commander";
import type { BundleMessage, MintJWTSVIDResponse, MintX509SVIDResponse } from "@mayfly/rpc";
import { serverCommand, type ServerConnection } from "../../connect.ts";
import { CliFailure, usageFailure } from "../../failure.ts";
import { writeFiles } from "../../files.ts";
import { printJson, printLine, printRaw, timestamp } from "../../output.ts";
import { duration, idText, plain, repeated, spiffeId, type SpiffeIdMessage } from "../../values.ts";
import { bundleText } from "../bundle/format.ts";

interface MintOptions {
  readonly spiffeId: SpiffeIdMessage;
  readonly ttl?: number;
  readonly dnsName?: readonly string[];
  readonly audience?: readonly string[];
  readonly write?: string;
}

function pem(label: string, der: Uint8Array): string {
  const body =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${body.join("\n")}\n-----END ${label}-----\n`;
}

async function requestFor(options: MintOptions): Promise<{ csr: Uint8Array; privateKey: KeyObject }> {
  const { createRequest } = await import("@mayfly/spiffe");
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const csr = createRequest({ keys, uris: [idText(options.spiffeId)], dnsNames: [...(options.dnsName ?? [])] });
  return { csr, privateKey: keys.privateKey };
}

/** `mayfly svid mint x509`: an SVID for what cannot attest; the key is made here and never leaves. */
export function mintX509(): Command {
  const command = new Command("x509")
    .description("issue an X.509-SVID without attestation")
    .requiredOption("--spiffe-id <id>", "the identity", spiffeId)
    .option("--ttl <duration>", "lifetime", duration)
    .option("--dns-name <name>", "DNS name in the certificate; repeatable", repeated(plain))
    .option("--write <dir>", "write svid.pem, key.pem and bundle.pem there");
  return serverCommand<MintOptions>(
    command,
    "mayfly svid mint x509 --spiffe-id spiffe://example.org/db --write .",
    async (server, options, format) => {
      const { csr, privateKey } = await requestFor(options);
      const { svid } = await server.call<MintX509SVIDResponse>("svid", "MintX509SVID", { csr, ttl: options.ttl ?? 0 });
      if (!svid) throw new CliFailure("INTERNAL", "the server answered without a certificate");
      const files = {
        "svid.pem": svid.cert_chain.map((der) => pem("CERTIFICATE", der)).join(""),
        "key.pem": String(privateKey.export({ format: "pem", type: "pkcs8" })),
        "bundle.pem": bundleText(await ownBundle(server), "pem"),
      };
      const written = options.write === undefined ? [] : writeFiles(options.write, files);
      if (format === "json") {
        return printJson({
          spiffe_id: idText(svid.id),
          expires_at: timestamp(svid.expires_at),
          ...(options.write === undefined ? files : { written }),
        });
      }
      if (options.write === undefined) return printRaw(files["svid.pem"] + files["key.pem"] + files["bundle.pem"]);
      for (const name of written) printLine(`wrote ${join(options.write, name)}`);
    },
  );
}

function ownBundle(server: ServerConnection): Promise<BundleMessage> {
  return server.call<BundleMessage>("bundle", "GetBundle", {});
}

/** `mayfly svid mint jwt`. */
export function mintJwt(): Command {
  const command = new Command("jwt")
    .description("issue a JWT-SVID without attestation")
    .requiredOption("--spiffe-id <id>", "the identity", spiffeId)
    .option("--audience <name>", "for whom it is; repeatable, one is best", repeated(plain))
    .option("--ttl <duration>", "lifetime", duration)
    .option("--write <dir>", "write token there instead of printing it");
  return serverCommand<MintOptions>(
    command,
    "mayfly svid mint jwt --spiffe-id spiffe://example.org/job --audience db",
    async (server, options, format) => {
      if (options.audience === undefined) throw usageFailure("missing: --audience");
      const request = { id: options.spiffeId, audience: options.audience, ttl: options.ttl ?? 0 };
      const { svid } = await server.call<MintJWTSVIDResponse>("svid", "MintJWTSVID", request);
      if (!svid) throw new CliFailure("INTERNAL", "the server answered without a token");
      if (options.write !== undefined) {
        writeFiles(options.write, { token: svid.token });
        return printLine(`wrote ${join(options.write, "token")}`);
      }
      if (format === "json")
        printJson({ token: svid.token, spiffe_id: idText(svid.id), expires_at: timestamp(svid.expires_at) });
      else printRaw(svid.token);
    },
  );
}
