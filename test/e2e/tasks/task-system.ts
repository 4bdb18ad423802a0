// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type EndSummary,
  type GrantMessage,
  mayflyProfilesService,
  mayflyRecordsService,
  mayflyTasksService,
  type RpcChannel,
  type TaskMessage,
} from "@mayfly/rpc";
import { Background, type Finished, type MayflyAgent, until } from "../../processes.ts";
import { TestSystem } from "../workload-identity/system.ts";

/** The command line, for commands in commands. */
export const mayfly: string = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));
const scope = JSON.stringify({ tools: [{ server: "orders", tool: "orders.query", effect: "read" }] });

/** An OpenSSH line for a fresh Ed25519 key. */
function sshLine(): string {
  const raw = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const text = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([text(Buffer.from("ssh-ed25519")), text(raw)]).toString("base64")}`;
}

/** A person who may start and end tasks. */
export async function addOperator(admin: RpcChannel, name: string): Promise<void> {
  await admin.unary(mayflyProfilesService.methods.CreateOperator, {
    name,
    keys: [sshLine()],
    roles: [{ role: "operator", prefix: "/" }],
  });
}

const uid = `unix:uid:${process.getuid?.() ?? 0}`;

/** An AI agent of dana's on a node, by default for this user's processes. */
export async function addProfile(
  admin: RpcChannel,
  {
    name,
    parent,
    tier = "T0",
    selectors = [uid],
  }: { name: string; parent: string; tier?: string; selectors?: string[] },
): Promise<void> {
  await admin.unary(mayflyProfilesService.methods.CreateProfile, {
    name,
    owner: "dana",
    tier,
    ceiling_json: scope,
    selectors,
    expires_at_ms: String(Date.now() + 3_600_000),
    parent_id: parent,
  });
}

/** An active task and its ticket. */
async function startTask(
  admin: RpcChannel,
  agent: string,
): Promise<{ readonly task: TaskMessage; readonly ticket: string }> {
  const request = { agent, owner: "dana", scope_json: scope, ttl_seconds: "600" };
  const { task, ticket } = await admin.unary(mayflyTasksService.methods.StartTask, request);
  if (task === null) throw new Error("no task");
  return { task, ticket };
}

/** Ends a task and waits until it is quiet. */
export async function endTask(
  admin: RpcChannel,
  id: string,
): Promise<{ readonly grants: readonly GrantMessage[]; readonly summary: EndSummary }> {
  const grants: GrantMessage[] = [];
  const request = { id, reason: "completed" };
  for await (const { grant, summary } of admin.serverStream(mayflyTasksService.methods.EndTask, request)) {
    if (grant) grants.push(grant);
    if (summary) return { grants, summary };
  }
  throw new Error("no summary");
}

/** A process of the agent's node that works on a new task, and prints a line for each SVID that it gets; its first is there. */
export async function watchTask(
  admin: RpcChannel,
  { socket }: MayflyAgent,
  profile: string,
): Promise<{ readonly process: Background; readonly id: string; readonly spiffeId: string }> {
  const { task, ticket } = await startTask(admin, profile);
  const args = ["task", "exec", "--ticket-file", "-", "--socket", socket, "--", mayfly, "workload", "watch"];
  const process = new Background([mayfly, ...args], {}, `${ticket}\n`);
  await until(
    () => process.log,
    () => process.stdout.includes(task.spiffe_id),
  );
  return { process, id: task.id, spiffeId: task.spiffe_id };
}

/** A real server and a real agent, an operator, and tasks for processes of this machine. */
export class TaskSystem implements AsyncDisposable {
  readonly system: TestSystem;
  #tickets = 0;

  private constructor(system: TestSystem) {
    this.system = system;
  }

  static async start(): Promise<TaskSystem> {
    const system = await TestSystem.start();
    // Other users connect, too.
    chmodSync(system.directory.path, 0o755);
    await addOperator(system.server.admin, "dana");
    return new TaskSystem(system);
  }

  get socket(): string {
    return this.system.agent.socketPath;
  }

  async addProfile(name: string, selectors: string[], tier = "T0"): Promise<void> {
    await addProfile(this.system.server.admin, { name, parent: this.system.agentId, tier, selectors });
  }

  /** An active task, and a file with its ticket. */
  async startTask(agent: string): Promise<{ readonly task: TaskMessage; readonly ticketFile: string }> {
    const { task, ticket } = await startTask(this.system.server.admin, agent);
    this.#tickets += 1;
    return { task, ticketFile: this.system.directory.secret(`ticket-${this.#tickets}`, `${ticket}\n`) };
  }

  end(id: string): ReturnType<typeof endTask> {
    return endTask(this.system.server.admin, id);
  }

  /** What the record says of a task, as text. */
  async records(taskId: string): Promise<string> {
    const parts: string[] = [];
    const request = { from: "0", to: "0", task_id: taskId };
    const method = mayflyRecordsService.methods.ExportRecords;
    for await (const { records } of this.system.server.admin.serverStream(method, request))
      parts.push(...records.map((record) => Buffer.from(record).toString()));
    return parts.join("\n");
  }

  /** `mayfly task exec`, as a process. */
  exec(ticketFile: string, command: readonly string[], env: Record<string, string> = {}): Background {
    const args = ["task", "exec", "--ticket-file", ticketFile, "--socket", this.socket, "--", ...command];
    return new Background([mayfly, ...args], env);
  }

  /** The same to its end. */
  async run(ticketFile: string, command: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
    await using process = this.exec(ticketFile, command, env);
    return await process.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system[Symbol.asyncDispose]();
  }
}
