// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { agentHealthcheck } from "../commands/healthcheck.ts";
import { agentRun } from "../run/agent.ts";
import { noun } from "./noun.ts";

/** `mayfly agent …`. */
export function agentNoun(): Command {
  return noun(
    "agent",
    ["the agent of a node", "mayfly agent run --enrolment enrolment"],
    [agentRun(), agentHealthcheck()],
  );
}
