// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { accountAdopt } from "../commands/account/adopt.ts";
import { accountIsolate } from "../commands/account/isolate.ts";
import { accountList } from "../commands/account/list.ts";
import { accountRotate } from "../commands/account/rotate.ts";
import { noun } from "./noun.ts";

/** `mayfly account …`. */
export function accountNoun(): Command {
  return noun(
    "account",
    ["accounts at back-ends that no lease explains", "mayfly account list"],
    [accountList(), accountAdopt(), accountRotate(), accountIsolate()],
  );
}
