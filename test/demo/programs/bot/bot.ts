// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mayflyTasksService } from "@mayfly/rpc";
import type { X509Svid } from "@mayfly/spiffe";
import { anyPeer, connectTls, exact, openServerChannel, WorkloadApiClient, X509Source } from "@mayfly/spiffe-client";
import { formatScope, parseScope, parseTaskSpiffeId } from "@mayfly/tasks";
import { describeError } from "./describe-error.ts";
import { McpSession, type ToolCall } from "./mcp-session.ts";
import { pemOf } from "./pem.ts";

/** Where the agent's world is. */
export interface BotConfig {
  /** URL of the gateway's endpoint for the tool server. */
  readonly gateway: string;
  readonly gateway_id: string;
  /** The Mayfly server's listener, `host:port`. */
  readonly server: string;
}

/** `child`: delegates part of the task; the scope as in a file. */
interface ChildCommand {
  readonly scope: unknown;
  readonly ttl?: number;
  readonly name?: string;
  readonly agent?: string;
}

const isOfTask = ({ id }: X509Svid): boolean => parseTaskSpiffeId(id) !== undefined;
const tellMs = 10_000;
const maxRacers = 1_000;

/** Carries out commands under the task's SVID, which it asks the Workload API for when a command needs it. */
export class Bot implements AsyncDisposable {
  readonly #config: BotConfig;
  readonly #print: (event: object) => void;
  readonly #resources = new AsyncDisposableStack();
  #source: Promise<X509Source> | undefined;
  #session: McpSession | undefined;

  constructor(config: BotConfig, print: (event: object) => void) {
    this.#config = config;
    this.#print = print;
  }

  /** @throws what a command throws; it is for the answer */
  async obey(command: { readonly do: string }): Promise<object> {
    if (command.do === "svid") return await this.#svid();
    if (command.do === "list") return { tools: await (await this.#gateway()).list() };
    if (command.do === "call") return await this.#call(command as unknown as ToolCall & { readonly url?: string });
    if (command.do === "race") return await this.#race(command as unknown as ToolCall & { readonly count: number });
    if (command.do === "child") return await this.#child(command as unknown as ChildCommand);
    if (command.do === "hold") return await this.#hold();
    throw new TypeError("an unknown command");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }

  /** One round trip, so that a refusal is told at once. */
  async #svid(): Promise<object> {
    using client = WorkloadApiClient.open();
    const { svids } = await client.fetchX509Context({ timeoutMs: tellMs });
    const svid = svids.find(isOfTask);
    if (svid === undefined)
      return { error: { code: "NO_SVID", message: `not of a task: ${svids.map(({ id }) => id.toString()).join()}` } };
    return { id: svid.id.toString(), not_after: svid.notAfter.toISOString(), pem: pemOf(svid) };
  }

  async #call({ url, ...call }: ToolCall & { readonly url?: string }): Promise<object> {
    if (url === undefined) return await (await this.#gateway()).call(call);
    // Whoever answers there is the right one for an agent that wants to get past the gateway.
    return await new McpSession(url, { source: await this.#identity(), authorize: anyPeer() }).call(call);
  }

  /** The same call many times at once; how often each outcome came. */
  async #race({ count, ...call }: ToolCall & { readonly count: number }): Promise<object> {
    if (!(count <= maxRacers)) throw new RangeError(`at most ${String(maxRacers)} at once`);
    const session = await this.#gateway();
    const racer = async (): Promise<string> => {
      try {
        const { denied, error } = await session.call(call);
        return denied?.reason ?? error?.code ?? "answered";
      } catch (error) {
        return describeError(error).code;
      }
    };
    const outcomes: Record<string, number> = {};
    for (const outcome of await Promise.all(Array.from({ length: count }, racer))) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    return { outcomes };
  }

  async #child({ scope, ttl = 60, name = "", agent = "" }: ChildCommand): Promise<object> {
    const source = await this.#identity();
    const { trustDomain } = source.svid.id;
    const channel = openServerChannel({ address: this.#config.server, source, trustDomain });
    try {
      const request = { agent, name, scope_json: formatScope(parseScope(scope)), ttl_seconds: String(ttl) };
      const { task, ticket } = await channel.unary(mayflyTasksService.methods.StartChild, request);
      return { task: { id: task?.id, spiffe_id: task?.spiffe_id, depth: task?.depth }, ticket };
    } finally {
      channel.close();
    }
  }

  async #hold(): Promise<object> {
    const { gateway, gateway_id: id } = this.#config;
    const { hostname: host, port } = new URL(gateway);
    const socket = await connectTls({ source: await this.#identity(), authorize: exact(id), host, port: Number(port) });
    // Used once: what never sends anything is closed soon.
    socket.write(`GET /hold HTTP/1.1\r\nhost: ${host}:${port}\r\n\r\n`);
    await once(socket, "data");
    socket.once("close", () => this.#print({ event: "connection-closed", at: new Date().toISOString() }));
    socket.resume();
    this.#resources.defer(() => void socket.destroy());
    return { held: true };
  }

  async #gateway(): Promise<McpSession> {
    const { gateway, gateway_id: id } = this.#config;
    this.#session ??= new McpSession(gateway, { source: await this.#identity(), authorize: exact(id) });
    return this.#session;
  }

  #identity(): Promise<X509Source> {
    this.#source ??= X509Source.open({
      select: (svids) => svids.find(isOfTask),
      signal: AbortSignal.timeout(tellMs),
    }).then((source) => this.#resources.use(source));
    return this.#source;
  }
}
