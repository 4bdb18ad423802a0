// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import type { SpiffeIdMessage } from "@mayfly/rpc";
import { serverCommand } from "../command.ts";
import { usageFailure } from "../../failure.ts";
import { printJson, printRaw, timestamp } from "../../output.ts";
import { duration, idText, spiffeId } from "../../values.ts";

interface TokenOptions {
  readonly spiffeId?: SpiffeIdMessage;
  readonly ttl: number;
  readonly enrolment?: boolean;
  readonly address?: string;
}

/** `mayfly token create`: prints the join token, or the enrolment string, and nothing else. */
export function tokenCreate(): Command {
  const command = new Command("create")
    .description("make a single-use secret with which one node attests")
    .option("--spiffe-id <id>", "extra SPIFFE ID for the node, to be used as parent of entries", spiffeId)
    .addOption(new Option("--ttl <duration>", "how long it can be used").argParser(duration).default(600, "10m"))
    .option("--enrolment", "server address, pin of its bundle and secret in one string: all that an agent needs")
    .option("--address <host:port>", "server address as agents reach it; with --enrolment");
  return serverCommand<TokenOptions>(
    command,
    "mayfly token create --enrolment --address ca.example.org:8081",
    async (server, { options, format }) => {
      if (options.address !== undefined && options.enrolment !== true)
        throw usageFailure("--address goes with --enrolment");
      if (options.enrolment === true) {
        const request = { ttl: options.ttl, address: options.address ?? "", agent_id: options.spiffeId ?? null };
        const made = await server.call("admin", "CreateEnrolment", request);
        const json = {
          enrolment: made.enrolment,
          expires_at: timestamp(made.expires_at),
          node_id: idText(made.agent_id),
        };
        return format === "json" ? printJson(json) : printRaw(made.enrolment);
      }
      const token = await server.call("agent", "CreateJoinToken", {
        ttl: options.ttl,
        agent_id: options.spiffeId ?? null,
      });
      return format === "json"
        ? printJson({ token: token.value, expires_at: timestamp(token.expires_at) })
        : printRaw(token.value);
    },
  );
}
