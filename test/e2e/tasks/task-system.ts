// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type EndSummary,
  type GrantMessage,
  mayflyProfilesService,
  mayflyTasksService,
  type TaskMessage,
} from "@mayfly/rpc";
import { Background, environment, type Finished } from "../../processes.ts";
import { TestSystem } from "../workload-identity/system.ts";

const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));
const scope = JSON.stringify({ tools: [{ server: "orders", tool: "orders.query", effect: "read" }] });

/** An OpenSSH line for a fresh Ed25519 key. */
function sshLine(): string {
  const raw = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const text = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([text(Buffer.from("ssh-ed25519")), text(raw)]).toString("base64")}`;
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
    await system.server.admin.unary(mayflyProfilesService.methods.CreateOperator, {
      name: "dana",
      keys: [sshLine()],
      roles: [{ role: "operator", prefix: "/" }],
    });
    return new TaskSystem(system);
  }

  get socket(): string {
    return this.system.agent.socketPath;
  }

  async addProfile(name: string, selectors: readonly string[], tier = "T0"): Promise<void> {
    await this.system.server.admin.unary(mayflyProfilesService.methods.CreateProfile, {
      name,
      owner: "dana",
      tier,
      ceiling_json: scope,
      selectors,
      expires_at_ms: String(Date.now() + 3_600_000),
      parent_id: this.system.agentId,
    });
  }

  /** An active task, and a file with its ticket. */
  async startTask(agent: string): Promise<{ readonly task: TaskMessage; readonly ticketFile: string }> {
    const request = { agent, owner: "dana", scope_json: scope, ttl_seconds: "600" };
    const { task, ticket } = await this.system.server.admin.unary(mayflyTasksService.methods.StartTask, request);
    if (task === null) throw new Error("no task");
    this.#tickets += 1;
    return { task, ticketFile: this.system.directory.secret(`ticket-${this.#tickets}`, `${ticket}\n`) };
  }

  async end(id: string): Promise<{ readonly grants: readonly GrantMessage[]; readonly summary: EndSummary }> {
    const grants: GrantMessage[] = [];
    const request = { id, reason: "completed" };
    for await (const { grant, summary } of this.system.server.admin.serverStream(
      mayflyTasksService.methods.EndTask,
      request,
    )) {
      if (grant) grants.push(grant);
      if (summary) return { grants, summary };
    }
    throw new Error("no summary");
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

/** The command line, for commands in commands. */
export { mayfly, environment };
