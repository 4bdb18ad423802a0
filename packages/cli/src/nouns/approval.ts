// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { approvalDecide } from "../commands/approval/decide.ts";
import { approvalList } from "../commands/approval/list.ts";
import { approvalShow } from "../commands/approval/show.ts";
import { noun } from "./noun.ts";

/** `mayfly approval …`. */
export function approvalNoun(): Command {
  return noun(
    "approval",
    ["calls that wait for people", "mayfly approval list --state pending"],
    [approvalList(), approvalShow(), approvalDecide("approve"), approvalDecide("deny")],
  );
}
