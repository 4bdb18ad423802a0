// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import type { X509Source } from "@mayfly/spiffe-client";
import { exact } from "@mayfly/spiffe-client";
import type { PostgresLogin } from "@mayfly/testkit";
import { Client, type ClientConfig } from "pg";
import { type RawAgent, rawAgent } from "../../../gateway/test/world/agent.ts";
import { type BrokerAddress, connectThroughBroker, leaseFromBroker } from "../../src/client.ts";
import type { CallDesk } from "./call-desk.ts";
import type { HeldTask, Places } from "./messages.ts";

const broker = "spiffe://example.org/broker";
const leaseSeconds = 1_800;

/** Who holds, and where the parts are. */
export interface Holding {
  readonly places: Places;
  readonly desk: CallDesk;
  readonly toolServer: X509Source;
}

/** What an outside process holds for one task: a brokered session, one under a leased credential, and a socket through the gateway. */
export class TaskHoldings {
  readonly login: PostgresLogin;
  readonly #sessions: readonly Client[];
  readonly #agent: RawAgent;
  readonly #socket: Duplex;

  private constructor(
    login: PostgresLogin,
    sessions: readonly Client[],
    through: { readonly agent: RawAgent; readonly socket: Duplex },
  ) {
    this.login = login;
    this.#sessions = sessions;
    this.#agent = through.agent;
    this.#socket = through.socket;
  }

  /** As a tool server does it: while the call runs that the gateway has let through. */
  static async open(task: HeldTask, source: X509Source, { places, desk, toolServer }: Holding): Promise<TaskHoldings> {
    const agent = rawAgent({ url: places.gateway }, task.path, source);
    const calling = agent.call("slow", { task: task.id });
    const { statement, release } = await Promise.race([desk.take(task.id), calling.then(refused)]);
    const address: BrokerAddress = {
      source: toolServer,
      authorize: exact(broker),
      host: "127.0.0.1",
      port: places.brokerPort,
    };
    const request = { statement, target: "orders" };
    const stream = await connectThroughBroker(address, request);
    const brokered = await connected({ stream: () => stream, database: "orders", user: "x" });
    const {
      lease: _,
      notAfter: __,
      ...login
    } = await leaseFromBroker(address, {
      ...request,
      ttlSeconds: leaseSeconds,
    });
    const leased = await connected(login);
    release();
    const { status } = await calling;
    const [socket] = Object.values(agent.sockets.freeSockets).flatMap((free) => free ?? []);
    if (status !== 200 || socket === undefined) throw new Error(`the call ended with ${String(status)}`);
    return new TaskHoldings(login, [brokered, leased], { agent, socket });
  }

  /** Keeps the idle socket from being closed for idleness. */
  async use(): Promise<void> {
    await this.#agent.mcp("tools/list");
  }

  /** How many of the three answer. */
  async answering(): Promise<number> {
    const answers = await Promise.all([...this.#sessions.map((session) => reads(session)), this.#isServed()]);
    return answers.filter(Boolean).length;
  }

  async #isServed(): Promise<boolean> {
    if (this.#socket.destroyed) return false;
    return await this.#agent.mcp("tools/list").then(
      ({ status }) => status === 200,
      () => false,
    );
  }
}

function refused({ status, text }: { readonly status: number; readonly text: string }): never {
  throw new Error(`the gateway answered ${String(status)}: ${text.slice(0, 500)}`);
}

async function connected(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  client.on("error", () => undefined);
  await client.connect();
  if (!(await reads(client))) throw new Error("a session that can't read");
  return client;
}

function reads(session: Client): Promise<boolean> {
  return session.query("SELECT note FROM orders").then(
    ({ rows }) => rows.length > 0,
    () => false,
  );
}
