// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { serverHealthcheck } from "../commands/healthcheck.ts";
import { serverRun } from "../run/server.ts";
import { noun } from "./noun.ts";

/** `mayfly server …`. */
export function serverNoun(): Command {
  return noun(
    "server",
    ["the server", "mayfly server run --trust-domain example.org"],
    [serverRun(), serverHealthcheck()],
  );
}
