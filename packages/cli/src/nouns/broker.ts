// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { brokerRun } from "../run/broker.ts";
import { noun } from "./noun.ts";

/** `mayfly broker …`. */
export function brokerNoun(): Command {
  return noun(
    "broker",
    ["accounts at back-ends, made for a call and taken away after it", "mayfly broker run --config broker.yaml"],
    [brokerRun()],
  );
}
