// SPDX-License-Identifier: Apache-2.0
import { tiers, type Tier } from "@mayfly/tasks";
import type { Bot, BotAnswer } from "../../demo/world/bot.ts";
import { scopes } from "../../demo/world/configurations.ts";
import type { DemoWorld } from "../../demo/world/demo-world.ts";

/** Registers an AI agent of the tier for the world's `ir-bot`; gives its name. */
export async function addWatched(world: DemoWorld, tier: Tier): Promise<string> {
  const name = `watched-${tier.toLowerCase()}`;
  const ceiling = world.file(JSON.stringify(scopes.scribe));
  const selectors = world.account("ir-bot").selectors.flatMap((selector) => ["--selector", selector]);
  const words = ["--owner", "dana", "--expires-in", "24h", "--parent-id", world.agent.id, ...selectors];
  await world.json("agent-profile", "create", name, "--tier", tier, "--ceiling", ceiling, ...words);
  return name;
}

/** A task with a process that works on it, watched from outside. */
export class WatchedTask {
  readonly id: string;
  readonly bot: Bot;
  readonly tier: Tier;

  private constructor(parts: Pick<WatchedTask, "id" | "bot" | "tier">) {
    this.id = parts.id;
    this.bot = parts.bot;
    this.tier = parts.tier;
  }

  /** Of an agent that `addWatched` made. */
  static async start(world: DemoWorld, tier: Tier): Promise<WatchedTask> {
    const agent = `watched-${tier.toLowerCase()}`;
    const { id, ticketFile } = await world.startTask({ agent, scope: scopes.scribe });
    return new WatchedTask({ id, tier, bot: world.startBot(ticketFile) });
  }

  /** A task of the demo's `ir-bot`, or a child of one. */
  static adopt(
    world: DemoWorld,
    { id, ticketFile }: { readonly id: string; readonly ticketFile: string },
  ): WatchedTask {
    return new WatchedTask({ id, tier: "T2", bot: world.startBot(ticketFile) });
  }

  /** Delegates all that the task may do. */
  async delegate(world: DemoWorld, ttlSeconds: number): Promise<WatchedTask> {
    const { task, ticket, error } = await this.ask({ do: "child", scope: scopes.scribe, ttl: ttlSeconds });
    if (error !== undefined) throw new Error(JSON.stringify(error));
    const { id } = task as { readonly id: string };
    return WatchedTask.adopt(world, { id, ticketFile: world.file(`${String(ticket)}\n`, "ir-bot") });
  }

  /** What the tier promises of a guard that hears nothing. */
  get fenceMs(): number {
    return tiers[this.tier].fenceMs;
  }

  /** What the process says to a command; what it tells of its own accord is in its log. */
  async ask(command: Readonly<Record<string, unknown>>): Promise<BotAnswer> {
    let answer = await this.bot.ask(command);
    while ("event" in answer) answer = await this.bot.next();
    return answer;
  }

  /** Whether the node agent gives the task's SVID now. */
  async getsSvid(): Promise<boolean> {
    return "pem" in (await this.ask({ do: "svid" }));
  }

  /** Whether a call passes gateway, tool server and broker now. */
  async calls(): Promise<boolean> {
    const { text, error, denied } = await this.ask({ do: "call", tool: "query", arguments: {} });
    return text !== undefined && error === undefined && denied === undefined;
  }

  /** Opens an mTLS connection to the gateway; gives a look at whether it is still open. */
  async hold(): Promise<() => boolean> {
    const closed = (): number => this.bot.log.split('"connection-closed"').length;
    const before = closed();
    await this.ask({ do: "hold" });
    return () => closed() === before;
  }
}
