// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { Command } from "commander";
import type { SpiffeIdMessage } from "@mayfly/rpc";
import { CliFailure } from "../../failure.ts";
import { writeFiles } from "../../files.ts";
import { printJson, printLine, printRaw, timestamp } from "../../output.ts";
import { duration, idText, plain, repeated, spiffeId } from "../../values.ts";
import { serverCommand } from "../command.ts";

interface MintOptions {
  readonly spiffeId: SpiffeIdMessage;
  readonly ttl?: number;
  readonly audience: readonly string[];
  readonly write?: string;
}

/** `mayfly svid mint jwt`: prints the token and nothing else, or writes it. */
export function mintJwt(): Command {
  const command = new Command("jwt")
    .description("issue a JWT-SVID without attestation")
    .requiredOption("--spiffe-id <id>", "the identity", spiffeId)
    .requiredOption("--audience <name>", "for whom it is; repeatable, one is best", repeated(plain))
    .option("--ttl <duration>", "lifetime", duration)
    .option("--write <dir>", "write the file token there instead of printing it");
  const example = "mayfly svid mint jwt --spiffe-id spiffe://example.org/job --audience db";
  return serverCommand<MintOptions>(command, example, async (server, { options, format }) => {
    const request = { id: options.spiffeId, audience: options.audience, ttl: options.ttl ?? 0 };
    const { svid } = await server.call("svid", "MintJWTSVID", request);
    if (!svid) throw new CliFailure("BAD_ANSWER", "the server answered without a token");
    const facts = { spiffe_id: idText(svid.id), expires_at: timestamp(svid.expires_at) };
    const written = options.write === undefined ? undefined : writeFiles(options.write, { token: svid.token });
    if (format === "json")
      return printJson({ ...facts, ...(written === undefined ? { token: svid.token } : { written }) });
    if (written === undefined) return printRaw(svid.token);
    printLine(`wrote ${join(options.write ?? "", "token")}`);
  });
}
