// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { logCheckpoint } from "../commands/log/checkpoint.ts";
import { logExport } from "../commands/log/export.ts";
import { logProve } from "../commands/log/prove.ts";
import { logShow } from "../commands/log/show.ts";
import { logVerify } from "../commands/log/verify.ts";
import { noun } from "./noun.ts";

/** `mayfly log …`. */
export function logNoun(): Command {
  return noun(
    "log",
    ["the record of all that was decided and done", "mayfly log show"],
    [logShow(), logCheckpoint(), logProve(), logExport(), logVerify()],
  );
}
