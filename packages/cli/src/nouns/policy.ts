// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { policyCheck } from "../commands/policy/check.ts";
import { policyExplain } from "../commands/policy/explain.ts";
import { policyInit } from "../commands/policy/init.ts";
import { policySeal } from "../commands/policy/seal.ts";
import { policyTest } from "../commands/policy/test.ts";
import { noun } from "./noun.ts";

/** `mayfly policy …`. */
export function policyNoun(): Command {
  return noun(
    "policy",
    ["policies of gateways; all of it works without a server", "mayfly policy check policies/"],
    [policyInit(), policyCheck(), policyExplain(), policyTest(), policySeal()],
  );
}
