// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { authorityChange, authorityChanges } from "./commands/authority/change.ts";
import { authorityList } from "./commands/authority/list.ts";
import { bundleDelete } from "./commands/bundle/delete.ts";
import { bundleList } from "./commands/bundle/list.ts";
import { bundleSet } from "./commands/bundle/set.ts";
import { bundleShow } from "./commands/bundle/show.ts";
import { completionCommand } from "./commands/completion.ts";
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
import { mintJwt, mintX509 } from "./commands/svid/mint.ts";
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

/** Commit of the SPIFFE standards that this version implements. */
const spiffeStandards = "spiffe/spiffe@665a28f";

function noun(name: string, description: string, ...verbs: readonly Command[]): Command {
  const command = new Command(name).description(description);
  for (const verb of verbs) command.addCommand(verb);
  return command;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return `mayfly ${manifest.version} (${spiffeStandards})`;
}

/** The whole command line. */
export function createProgram(): Command {
  const fetch = noun("fetch", "fetch SVIDs and bundles", fetchX509(), fetchJwt(), fetchBundles());
  const program = new Command("mayfly")
    .description("workload identity for services, jobs and AI agents")
    .version(version())
    .addOption(new Option("--output <format>", "how results are printed").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExample:\n  mayfly dev")
    .addCommand(devCommand())
    .addCommand(noun("server", "the server", serverRun(), serverHealthcheck()))
    .addCommand(noun("agent", "the agent of a node", agentRun(), agentHealthcheck()))
    .addCommand(
      noun(
        "entry",
        "registration entries: which processes are which identity",
        entryCreate(),
        entryList(),
        entryShow(),
        entryUpdate(),
        entryDelete(),
        entryCount(),
      ),
    )
    .addCommand(
      noun("node", "attested nodes", nodeList(), nodeShow(), nodeBan(), nodeEvict(), nodeCount(), nodePurge()),
    )
    .addCommand(noun("token", "join tokens and enrolment strings", tokenCreate()))
    .addCommand(noun("bundle", "trust bundles", bundleShow(), bundleList(), bundleSet(), bundleDelete()))
    .addCommand(noun("authority", "signing authorities", authorityList(), ...authorityChanges.map(authorityChange)))
    .addCommand(
      noun("svid", "SVIDs for what cannot attest", noun("mint", "issue without attestation", mintX509(), mintJwt())),
    )
    .addCommand(explainCommand())
    .addCommand(statusCommand())
    .addCommand(
      noun(
        "workload",
        "what a workload sees",
        fetch,
        noun("validate", "validate", validateJwt()),
        workloadWatch(),
        workloadExec(),
      ),
    );
  program.addCommand(completionCommand(program));
  shareSettings(program);
  return program;
}

/** `--output` works behind every verb, and wrong usage ends with our exit code everywhere. */
function shareSettings(command: Command): void {
  command.exitOverride().showHelpAfterError("(--help shows the options)").helpCommand(false);
  for (const child of command.commands) {
    if (child.commands.length === 0) {
      child.addOption(new Option("--output <format>", "how results are printed").choices(["text", "json"]));
    }
    shareSettings(child);
  }
}
