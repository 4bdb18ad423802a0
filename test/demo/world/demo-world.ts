// SPDX-License-Identifier: Apache-2.0
import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestPostgres } from "@mayfly/testkit";
import {
  Background,
  type Finished,
  type MayflyAgent,
  type MayflyServer,
  type ServiceProcess,
  runProgram,
} from "../../processes.ts";
import type { Account, Accounts, ProgramName } from "./accounts.ts";
import { Bot } from "./bot.ts";
import { botConfig, type ids, scopes, type Surroundings } from "./configurations.ts";
import { mayfly, programs } from "./files.ts";
import { openWorld, type WorldNetwork } from "./open-world.ts";
import type { OrdersDatabase } from "./orders-database.ts";
import type { Person } from "./people.ts";

/** What the world consists of. */
export interface WorldParts {
  /** Files of the demo; everybody may pass through. */
  readonly directory: string;
  readonly accounts: Accounts;
  readonly server: MayflyServer;
  readonly agent: MayflyAgent;
  readonly database: OrdersDatabase;
  /** `mayfly gateway run`; agents reach it at `gatewayUrl`. */
  readonly gateway: ServiceProcess;
  /** `mayfly broker run`. */
  readonly broker: ServiceProcess;
  /** `tool-server.ts`: the MCP server `orders`. */
  readonly toolServer: ServiceProcess;
  readonly ports: Surroundings["ports"];
  /** Owns the agents. */
  readonly dana: Person;
  /** Approves. */
  readonly lee: Person;
  readonly ids: typeof ids;
}

/** A task as `mayfly task start --output json` prints it, with where its ticket is. */
export interface StartedTask {
  readonly id: string;
  readonly spiffe_id: string;
  readonly agent: string;
  readonly tier: string;
  readonly ticketFile: string;
}

/** Which task is wanted; the defaults are those of the story. */
export interface TaskWish {
  readonly agent?: string;
  readonly scope?: object;
  readonly ttl?: string;
}

/** Who types a command, and where. */
export interface MayflyOptions {
  readonly as?: Person;
  /** All of standard input. */
  readonly input?: string;
  readonly offline?: boolean;
}

/** Everything that the story plays in: real processes, each with an identity of its own. Disposing ends and removes all of it. */
export class DemoWorld implements AsyncDisposable {
  readonly parts: WorldParts;
  readonly #resources: AsyncDisposableStack;
  readonly #bots = new Set<AsyncDisposable>();
  #files = 0;

  private constructor(parts: WorldParts, resources: AsyncDisposableStack) {
    this.parts = parts;
    this.#resources = resources;
  }

  static async start(signal?: AbortSignal, network?: WorldNetwork): Promise<DemoWorld> {
    await using resources = new AsyncDisposableStack();
    const parts = await openWorld(resources, { signal, network });
    return new DemoWorld(parts, resources.move());
  }

  get server(): MayflyServer {
    return this.parts.server;
  }

  get agent(): MayflyAgent {
    return this.parts.agent;
  }

  get gateway(): ServiceProcess {
    return this.parts.gateway;
  }

  get broker(): ServiceProcess {
    return this.parts.broker;
  }

  get toolServer(): ServiceProcess {
    return this.parts.toolServer;
  }

  get database(): OrdersDatabase {
    return this.parts.database;
  }

  get postgres(): TestPostgres {
    return this.parts.database.postgres;
  }

  get dana(): Person {
    return this.parts.dana;
  }

  get lee(): Person {
    return this.parts.lee;
  }

  /** Where agents reach the tool server `orders` through the gateway. */
  get gatewayUrl(): string {
    return `https://127.0.0.1:${String(this.parts.ports.gateway)}/mcp/orders`;
  }

  /** Where the tool server itself listens. */
  get toolServerUrl(): string {
    return `https://127.0.0.1:${String(this.parts.ports.toolServer)}/mcp`;
  }

  account(name: ProgramName): Account {
    return this.parts.accounts.of[name];
  }

  /** A file that the program's user may read, and nobody else. */
  file(text: string, readBy?: ProgramName): string {
    this.#files += 1;
    const path = join(this.parts.directory, `file-${String(this.#files)}`);
    writeFileSync(path, text, { mode: 0o600 });
    if (readBy !== undefined) this.giveTo(path, readBy);
    return path;
  }

  giveTo(path: string, readBy: ProgramName): void {
    const { user } = this.account(readBy);
    if (user !== undefined) chownSync(path, user.uid, user.gid);
  }

  /** Types a `mayfly` command: as the administrator, as a person, or where no server can be reached. */
  async mayfly(args: readonly string[], { as, input = "", offline = false }: MayflyOptions = {}): Promise<Finished> {
    const sockets = { ...this.agent.env, MAYFLY_SERVER_SOCKET: this.server.adminSocket };
    const nowhere = { SPIFFE_ENDPOINT_SOCKET: "unix:///nowhere", MAYFLY_SERVER_SOCKET: "/nowhere" };
    return await new Background([mayfly, ...args], { ...(offline ? nowhere : sockets), ...as?.env }, input).ended;
  }

  /** The same with `--output json`: what it printed. @throws when the command fails */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { status, stdout, stderr } = await this.mayfly([...args, "--output", "json"]);
    if (status !== 0) throw new Error(`mayfly ${args.join(" ")} ended with ${String(status)}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** `mayfly task start`; only `ir-bot`'s user can read the ticket. */
  async startTask({ agent = "ir-bot", scope = scopes.incident, ttl = "10m" }: TaskWish = {}): Promise<StartedTask> {
    const ticketFile = this.file("", "ir-bot");
    const words = ["--agent", agent, "--owner", "dana", "--scope", this.file(JSON.stringify(scope)), "--ttl", ttl];
    const started = await this.json<{ task: Omit<StartedTask, "ticketFile"> }>(
      "task",
      "start",
      ...words,
      "--ticket-file",
      ticketFile,
    );
    this.giveTo(ticketFile, "ir-bot");
    return { ...started.task, ticketFile };
  }

  /** `mayfly task exec … -- ir-bot`: the process becomes the task's. Ends with the world at the latest. */
  startBot(ticketFile: string): Bot {
    return this.#bot([...this.account("ir-bot").mayfly, ...this.#exec(ticketFile), ...this.botCommand()]);
  }

  /** `mayfly task exec` to its end, for who expects to be refused. */
  async tryExec(ticketFile: string): Promise<Finished> {
    const { mayfly: command, user } = this.account("ir-bot");
    return await new Background([...command, ...this.#exec(ticketFile), "true"], this.agent.env, "", user).ended;
  }

  #exec(ticketFile: string): readonly string[] {
    return ["task", "exec", "--ticket-file", ticketFile, "--socket", this.agent.socket, "--"];
  }

  /** The very same program, without a task. */
  startTasklessBot(): Bot {
    return this.#bot(this.botCommand());
  }

  /** What `task exec` is to become. */
  botCommand(): readonly string[] {
    return [...this.account("ir-bot").node, programs.bot, JSON.stringify(botConfig(this.parts))];
  }

  #bot(command: readonly string[]): Bot {
    const bot = new Bot(command, this.agent.env, this.account("ir-bot").user);
    this.#bots.add(bot);
    return bot;
  }

  /** `openssl` as an outside witness; its output. @throws when it refuses */
  openssl(words: readonly string[], input: string): string {
    const { status, stdout, stderr } = runProgram(["openssl", ...words], { input });
    if (status !== 0) throw new Error(`openssl ${words.join(" ")}: ${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#bots].map((bot) => bot[Symbol.asyncDispose]()));
    await this.#resources.disposeAsync();
  }
}
