// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { starterPolicies } from "@mayfly/policy";
import { usageFailure } from "../../failure.ts";
import { writeOne } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { invocation, withExample } from "../command.ts";

function isEmpty(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch {
    return true;
  }
}

/** `mayfly policy init`: the policies that a new installation starts from. */
export function policyInit(): Command {
  const command = new Command("init")
    .description("write a bundle to start from: what a task's scope allows, and approvals for what can't be undone")
    .argument("<dir>", "an empty or a new directory");
  return withExample(command, "mayfly policy init policies/").action((...parameters: unknown[]) => {
    const { format, argument } = invocation(parameters);
    const directory = String(argument);
    if (!isEmpty(directory)) throw usageFailure(`${JSON.stringify(directory)} is not empty`);
    const { policies, manifest } = starterPolicies();
    const files: Record<string, string> = { "manifest.json": manifest };
    for (const [id, text] of Object.entries(policies)) files[`policies/${id}.cedar`] = text;
    const paths = Object.keys(files).map((path) => join(directory, path));
    for (const [path, text] of Object.entries(files)) writeOne(join(directory, path), text, "public");
    if (format === "json") return printJson({ written: paths });
    for (const path of paths) printLine(`wrote ${path}`);
  });
}
