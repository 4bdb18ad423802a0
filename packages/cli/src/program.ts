// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { withExample } from "./commands/command.ts";
import { UsageProblems } from "./usage-problems.ts";

/** Commit of the SPIFFE standards that this version implements. */
const spiffeStandards = "spiffe/spiffe@665a28f";

/** The first words, in the order of the help; each is loaded when it is wanted. */
const firstWords: ReadonlyMap<string, (program: Command) => Promise<Command>> = new Map([
  ["dev", async () => (await import("./run/dev.ts")).devCommand()],
  ["server", async () => (await import("./nouns/server.ts")).serverNoun()],
  ["agent", async () => (await import("./nouns/agent.ts")).agentNoun()],
  ["gateway", async () => (await import("./nouns/gateway.ts")).gatewayNoun()],
  ["broker", async () => (await import("./nouns/broker.ts")).brokerNoun()],
  ["entry", async () => (await import("./nouns/entry.ts")).entryNoun()],
  ["node", async () => (await import("./nouns/node.ts")).nodeNoun()],
  ["token", async () => (await import("./nouns/token.ts")).tokenNoun()],
  ["bundle", async () => (await import("./nouns/bundle.ts")).bundleNoun()],
  ["authority", async () => (await import("./nouns/authority.ts")).authorityNoun()],
  ["svid", async () => (await import("./nouns/svid.ts")).svidNoun()],
  ["agent-profile", async () => (await import("./nouns/agent-profile.ts")).agentProfileNoun()],
  ["operator", async () => (await import("./nouns/operator.ts")).operatorNoun()],
  ["task", async () => (await import("./nouns/task.ts")).taskNoun()],
  ["approval", async () => (await import("./nouns/approval.ts")).approvalNoun()],
  ["tool", async () => (await import("./nouns/tool.ts")).toolNoun()],
  ["lease", async () => (await import("./nouns/lease.ts")).leaseNoun()],
  ["account", async () => (await import("./nouns/account.ts")).accountNoun()],
  ["kill", async () => (await import("./nouns/kill.ts")).killNoun()],
  ["policy", async () => (await import("./nouns/policy.ts")).policyNoun()],
  ["log", async () => (await import("./nouns/log.ts")).logNoun()],
  ["evidence", async () => (await import("./commands/evidence/evidence.ts")).evidenceCommand()],
  ["inventory", async () => (await import("./commands/inventory/inventory.ts")).inventoryCommand()],
  ["explain", async () => (await import("./commands/explain.ts")).explainCommand()],
  ["status", async () => (await import("./commands/status.ts")).statusCommand()],
  ["workload", async () => (await import("./nouns/workload.ts")).workloadNoun()],
  [
    "completion",
    async (program: Command) => (await import("./commands/completion/completion.ts")).completionCommand(program),
  ],
]);

/** What the words need: one command, or all where help, a list of completions or an unknown word is in question. */
function wanted(words: readonly string[]): string[] {
  const [first = ""] = words[0] === "--output" ? words.slice(2) : words;
  return firstWords.has(first) && first !== "completion" ? [first] : [...firstWords.keys()];
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return `mayfly ${manifest.version} (${spiffeStandards})`;
}

function outputOption(): Option {
  return new Option("--output <format>", "how results are printed").choices(["text", "json"]);
}

/** `--output` works behind every verb; what commander itself would write on wrong usage is left to us. */
function shareSettings(command: Command): void {
  command
    .exitOverride()
    .helpCommand(false)
    .configureOutput({ outputError: () => undefined });
  for (const child of command.commands) {
    if (child.commands.length === 0) child.addOption(outputOption());
    shareSettings(child);
  }
}

/**
 * The command line as far as `words` need it; all of it without words. `problems` gathers what is wrong with the options of one call.
 */
export async function createProgram(
  problems: UsageProblems = new UsageProblems(),
  words: readonly string[] = [],
): Promise<Command> {
  const program = withExample(new Command("mayfly"), "mayfly dev")
    .description("workload identity for services, jobs and AI agents")
    .version(version())
    .addOption(outputOption());
  for (const name of wanted(words)) {
    const command = await firstWords.get(name)?.(program);
    if (command !== undefined) program.addCommand(command);
  }
  shareSettings(program);
  problems.watch(program);
  return program;
}
