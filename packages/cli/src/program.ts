// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { authorityChange, authorityChanges } from "./commands/authority/change.ts";
import { authorityList } from "./commands/authority/list.ts";
import { bundleDelete } from "./commands/bundle/delete.ts";
import { bundleList } from "./commands/bundle/list.ts";
import { bundleSet } from "./commands/bundle/set.ts";
import { bundleShow } from "./commands/bundle/show.ts";
import { withExample } from "./commands/command.ts";
import { completionCommand } from "./commands/completion/completion.ts";
import { entryCount } from "./commands/entry/count.ts";
import { entryCreate } from "./commands/entry/create.ts";
import { entryDelete } from "./commands/entry/delete.ts";
import { entryList } from "./commands/entry/list.ts";
import { entryShow } from "./commands/entry/show.ts";
import { entryUpdate } from "./commands/entry/update.ts";
import { explainCommand } from "./commands/explain.ts";
import { agentHealthcheck, serverHealthcheck } from "./commands/healthcheck.ts";
import { nodeBan } from "./commands/node/ban.ts";
import { nodeCount } from "./commands/node/count.ts";
import { nodeEvict } from "./commands/node/evict.ts";
import { nodeList } from "./commands/node/list.ts";
import { nodePurge } from "./commands/node/purge.ts";
import { nodeShow } from "./commands/node/show.ts";
import { statusCommand } from "./commands/status.ts";
import { mintJwt } from "./commands/svid/mint-jwt.ts";
import { mintX509 } from "./commands/svid/mint-x509.ts";
import { tokenCreate } from "./commands/token/create.ts";
import { workloadExec } from "./commands/workload/exec.ts";
import { fetchBundles } from "./commands/workload/fetch-bundles.ts";
import { fetchJwt } from "./commands/workload/fetch-jwt.ts";
import { fetchX509 } from "./commands/workload/fetch-x509.ts";
import { validateJwt } from "./commands/workload/validate-jwt.ts";
import { workloadWatch } from "./commands/workload/watch.ts";
import { agentRun } from "./run/agent.ts";
import { devCommand } from "./run/dev.ts";
import { serverRun } from "./run/server.ts";
import { UsageProblems } from "./usage-problems.ts";

/** Commit of the SPIFFE standards that this version implements. */
const spiffeStandards = "spiffe/spiffe@665a28f";

function noun(
  name: string,
  about: readonly [description: string, example: string],
  verbs: readonly Command[],
): Command {
  const command = withExample(new Command(name).description(about[0]), about[1]);
  for (const verb of verbs) command.addCommand(verb);
  return command;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return `mayfly ${manifest.version} (${spiffeStandards})`;
}

function operatorNouns(): Command[] {
  const entryVerbs = [entryCreate(), entryList(), entryShow(), entryUpdate(), entryDelete(), entryCount()];
  const nodeVerbs = [nodeList(), nodeShow(), nodeBan(), nodeEvict(), nodeCount(), nodePurge()];
  const bundleVerbs = [bundleShow(), bundleList(), bundleSet(), bundleDelete()];
  const mintExample = "mayfly svid mint x509 --spiffe-id spiffe://example.org/db --write .";
  const mint = noun("mint", ["issue without attestation", mintExample], [mintX509(), mintJwt()]);
  return [
    noun("entry", ["registration entries: which processes are which identity", "mayfly entry list"], entryVerbs),
    noun("node", ["attested nodes", "mayfly node list"], nodeVerbs),
    noun("token", ["join tokens and enrolment strings", "mayfly token create --enrolment"], [tokenCreate()]),
    noun("bundle", ["trust bundles", "mayfly bundle show"], bundleVerbs),
    noun(
      "authority",
      ["signing authorities", "mayfly authority list x509"],
      [authorityList(), ...authorityChanges.map(authorityChange)],
    ),
    noun("svid", ["SVIDs for what cannot attest", mintExample], [mint]),
    explainCommand(),
    statusCommand(),
  ];
}

function workloadNoun(): Command {
  const fetchVerbs = [fetchX509(), fetchJwt(), fetchBundles()];
  const validateExample = "mayfly workload validate jwt --audience db --token-file token";
  return noun(
    "workload",
    ["what a workload sees", "mayfly workload fetch x509"],
    [
      noun("fetch", ["fetch SVIDs and bundles", "mayfly workload fetch x509"], fetchVerbs),
      noun("validate", ["validate what others sent", validateExample], [validateJwt()]),
      workloadWatch(),
      workloadExec(),
    ],
  );
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

/** The whole command line; `problems` gathers what is wrong with the options of one call. */
export function createProgram(problems: UsageProblems = new UsageProblems()): Command {
  const program = withExample(new Command("mayfly"), "mayfly dev")
    .description("workload identity for services, jobs and AI agents")
    .version(version())
    .addOption(outputOption())
    .addCommand(devCommand())
    .addCommand(
      noun(
        "server",
        ["the server", "mayfly server run --trust-domain example.org"],
        [serverRun(), serverHealthcheck()],
      ),
    )
    .addCommand(
      noun(
        "agent",
        ["the agent of a node", "mayfly agent run --enrolment enrolment"],
        [agentRun(), agentHealthcheck()],
      ),
    );
  for (const command of operatorNouns()) program.addCommand(command);
  program.addCommand(workloadNoun());
  program.addCommand(completionCommand(program));
  shareSettings(program);
  problems.watch(program);
  return program;
}
