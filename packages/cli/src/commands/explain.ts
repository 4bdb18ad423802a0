// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { EntryMessage, ExplainProcessResponse, ExplainResponse } from "@mayfly/rpc";
import {
  connectServer,
  connectWorkload,
  outputOf,
  socketOption,
  serverSocketOption,
  withConnection,
} from "../connect.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { printJson, printLine } from "../output.ts";
import { idText, repeated, selector, spiffeId, type SpiffeIdMessage } from "../values.ts";

interface ExplainOptions {
  readonly pid?: string;
  readonly spiffeId?: SpiffeIdMessage;
  readonly node?: SpiffeIdMessage;
  readonly selector?: readonly { type: string; value: string }[];
  readonly serverSocket?: string;
  readonly socket?: string;
}

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly entry_id: string;
  readonly spiffe_id: string;
}

interface Explanation {
  readonly selectors: readonly string[];
  readonly node: string;
  readonly matches: readonly EntryMessage[];
  readonly findings: readonly Finding[];
}

/** Asks the agent what it sees of the process, and the server, where it can be reached, what stands in the way. */
async function explainProcess(pid: number, options: ExplainOptions): Promise<Explanation> {
  const seen = await withConnection(connectWorkload(options.socket), (agent) =>
    agent.call<ExplainProcessResponse>("introspection", "ExplainProcess", { pid }),
  );
  const local = {
    node: seen.agent_id,
    selectors: seen.selectors.map((item) => `${item.type}:${item.value}`),
    matches: seen.matches,
  };
  if (seen.matches.length > 0) return { ...local, findings: seen.obstacles };
  const global = await askServer({ node_id: seen.agent_id, selectors: seen.selectors }, options).catch(
    (error: unknown) => {
      if (error instanceof CliFailure && error.code === "SERVER_UNREACHABLE") return undefined;
      throw error;
    },
  );
  return { ...local, findings: global === undefined ? seen.obstacles : global.findings };
}

function askServer(request: Record<string, unknown>, options: ExplainOptions): Promise<ExplainResponse> {
  return withConnection(connectServer(options.serverSocket), (server) =>
    server.call<ExplainResponse>("admin", "Explain", request),
  );
}

async function explainFacts(options: ExplainOptions): Promise<Explanation> {
  const request = {
    spiffe_id: options.spiffeId === undefined ? "" : idText(options.spiffeId),
    node_id: options.node === undefined ? "" : idText(options.node),
    selectors: options.selector ?? [],
  };
  const answer = await askServer(request, options);
  const selectors = request.selectors.map((item) => `${item.type}:${item.value}`);
  return { node: request.node_id, selectors, matches: answer.matches, findings: answer.findings };
}

function printExplanation(explanation: Explanation): void {
  if (explanation.node !== "") printLine(`node       ${explanation.node}`);
  if (explanation.selectors.length > 0) printLine(`selectors  ${explanation.selectors.join(" ")}`);
  for (const entry of explanation.matches) printLine(`matches    ${idText(entry.spiffe_id)} (entry ${entry.id})`);
  for (const finding of explanation.findings) {
    printLine(`\n${finding.code}: ${finding.message}`.trimStart());
    if (finding.hint !== "") printLine(`  ${finding.hint}`);
  }
}

/** `mayfly explain`: why a process does or does not get an identity, and the smallest change that would help. Exit 1 when it gets none. */
export function explainCommand(): Command {
  return new Command("explain")
    .description("why a process does or does not get an identity, and what would change it")
    .option("--pid <pid>", "a process of this machine")
    .option("--spiffe-id <id>", "an identity that somebody should have", spiffeId)
    .option("--node <id>", "on this node", spiffeId)
    .option("--selector <type:value>", "a process with these selectors; repeatable", repeated(selector))
    .addOption(serverSocketOption())
    .addOption(socketOption())
    .addHelpText("after", "\nExample:\n  mayfly explain --pid 4711")
    .action(async (options: ExplainOptions, command: Command) => {
      const given = [options.pid, options.spiffeId, options.selector].filter((value) => value !== undefined);
      if (given.length === 0) throw usageFailure("what should be explained? give --pid, --spiffe-id or --selector");
      if (options.pid !== undefined && !/^[1-9]\d{0,9}$/.test(options.pid))
        throw usageFailure("--pid takes a process id");
      const explanation =
        options.pid === undefined ? await explainFacts(options) : await explainProcess(Number(options.pid), options);
      if (outputOf(command) === "json")
        printJson({
          ...explanation,
          matches: explanation.matches.map((entry) => ({ entry_id: entry.id, spiffe_id: idText(entry.spiffe_id) })),
        });
      else printExplanation(explanation);
      if (explanation.matches.length === 0) process.exitCode = 1;
    });
}
