// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import type { EntryMessage, ExplainRequest, ExplainResponse, SelectorMessage, SpiffeIdMessage } from "@mayfly/rpc";
import { connectServer, connectWorkload, withConnection } from "../connect.ts";
import { CliFailure, exitCode, usageFailure } from "../failure.ts";
import { interruptSignal } from "../interrupt.ts";
import { printJson, printLine } from "../output.ts";
import { idText, repeated, selector, spiffeId } from "../values.ts";
import { outputOf, serverSocketOption, socketOption, withExample } from "./command.ts";

interface ExplainOptions {
  readonly pid?: number;
  readonly spiffeId?: SpiffeIdMessage;
  readonly node?: SpiffeIdMessage;
  readonly selector?: readonly SelectorMessage[];
  readonly serverSocket: string;
  readonly socket: string;
}

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly entry_id: string;
  readonly spiffe_id: string;
}

interface Explanation {
  readonly node: string;
  readonly selectors: readonly SelectorMessage[];
  readonly matches: readonly EntryMessage[];
  readonly findings: readonly Finding[];
}

function askServer(request: ExplainRequest, options: ExplainOptions, signal: AbortSignal): Promise<ExplainResponse> {
  return withConnection(connectServer(options.serverSocket, signal), (server) =>
    server.call("admin", "Explain", request),
  );
}

/** Asks the agent what it sees of the process, and the server, where it can be reached, what stands in the way. */
async function explainProcess(pid: number, options: ExplainOptions, signal: AbortSignal): Promise<Explanation> {
  const seen = await withConnection(connectWorkload(options.socket, signal), (agent) =>
    agent.call("introspection", "ExplainProcess", { pid }),
  );
  const local = { node: seen.agent_id, selectors: seen.selectors, matches: seen.matches, findings: seen.obstacles };
  if (seen.matches.length > 0) return local;
  const request = { spiffe_id: "", node_id: seen.agent_id, selectors: seen.selectors };
  try {
    const { findings } = await askServer(request, options, signal);
    // What the process is bound to is known to the agent only.
    const ofTask = seen.obstacles.filter(({ code, entry_id }) => code.startsWith("TASK_") && entry_id === "");
    return findings.length === 0 ? local : { ...local, findings: [...ofTask, ...findings] };
  } catch (error) {
    // The agent's own view is an answer, too: operators of a node need not reach the server's socket.
    if (error instanceof CliFailure && error.exit === exitCode.unreachable) return local;
    throw error;
  }
}

async function explainFacts(options: ExplainOptions, signal: AbortSignal): Promise<Explanation> {
  const selectors = options.selector ?? [];
  const node = idText(options.node);
  const answer = await askServer({ spiffe_id: idText(options.spiffeId), node_id: node, selectors }, options, signal);
  return { node, selectors, matches: answer.matches, findings: answer.findings };
}

function printExplanation(explanation: Explanation): void {
  const selectors = explanation.selectors.map((item) => `${item.type}:${item.value}`);
  if (explanation.node !== "") printLine(`node       ${explanation.node}`);
  for (const [index, text] of selectors.entries()) printLine(`${index === 0 ? "selectors" : "         "}  ${text}`);
  for (const entry of explanation.matches) printLine(`matches    ${idText(entry.spiffe_id)} (entry ${entry.id})`);
  const facts = explanation.node !== "" || selectors.length > 0 || explanation.matches.length > 0;
  for (const [index, finding] of explanation.findings.entries()) {
    if (facts || index > 0) printLine("");
    printLine([finding.code, "bold"], `: ${finding.message}`);
    const about = [finding.spiffe_id, finding.entry_id === "" ? "" : `entry ${finding.entry_id}`];
    const named = about.filter((text) => text !== "").join(", ");
    if (named !== "") printLine(`  about  ${named}`);
    if (finding.hint !== "") printLine(`  do     ${finding.hint}`);
  }
}

function explanationJson(explanation: Explanation): Record<string, unknown> {
  return {
    node: explanation.node,
    selectors: explanation.selectors.map((item) => `${item.type}:${item.value}`),
    matches: explanation.matches.map((entry) => ({ entry_id: entry.id, spiffe_id: idText(entry.spiffe_id) })),
    findings: explanation.findings.map(({ code, message, hint, entry_id, spiffe_id }) => ({
      code,
      message,
      hint,
      entry_id,
      spiffe_id,
    })),
  };
}

function processId(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw usageFailure(`${JSON.stringify(text)} is not a process id`);
  return Number(text);
}

async function explain(options: ExplainOptions, command: Command): Promise<void> {
  if (options.pid === undefined && options.spiffeId === undefined && options.selector === undefined)
    throw usageFailure("what should be explained? give --pid, --spiffe-id or --selector");
  if (options.pid !== undefined && (options.spiffeId !== undefined || options.selector !== undefined))
    throw usageFailure("--pid excludes --spiffe-id and --selector");
  const signal = interruptSignal();
  const explanation =
    options.pid === undefined
      ? await explainFacts(options, signal)
      : await explainProcess(options.pid, options, signal);
  if (outputOf(command) === "json") printJson(explanationJson(explanation));
  else printExplanation(explanation);
  if (explanation.matches.length === 0) process.exitCode = exitCode.refused;
}

/** `mayfly explain`: why a process does or does not get an identity, and the smallest change that would help. Exit 1 when it gets none. */
export function explainCommand(): Command {
  const command = new Command("explain")
    .description("why a process does or does not get an identity, and what would change it; exit 1 when it gets none")
    .option("--pid <pid>", "a process of this machine", processId)
    .option("--spiffe-id <id>", "an identity that somebody should have", spiffeId)
    .option("--node <id>", "on this node", spiffeId)
    .option("--selector <type:value>", "a process with these selectors; repeatable", repeated(selector))
    .addOption(serverSocketOption())
    .addOption(socketOption());
  return withExample(command, "mayfly explain --pid 4711").action(explain);
}
