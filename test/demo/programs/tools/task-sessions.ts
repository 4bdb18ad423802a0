// SPDX-License-Identifier: Apache-2.0
import { type BrokerAddress, connectThroughBroker } from "@mayfly/broker/client";
import { Client } from "pg";

/** How sessions are opened. */
export interface SessionOptions {
  readonly address: BrokerAddress;
  /** The broker's name of the database. */
  readonly target: string;
  readonly say: (line: string) => void;
}

const maxSessions = 64;

/**
 * One database session a task, opened through the broker with the statement of the task's first call and kept for its next ones: what ends
 * it is the end of the task.
 */
export class TaskSessions implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, Promise<Client>>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** @throws {BrokerRefusal}; as `connectThroughBroker` */
  async of(task: string, statement: string): Promise<Client> {
    const session = this.#sessions.get(task) ?? this.#open(task, statement);
    this.#sessions.set(task, session);
    try {
      return await session;
    } catch (error) {
      this.#forget(task, session);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.allSettled(all.map(async (session) => await (await session).end()));
  }

  async #open(task: string, statement: string): Promise<Client> {
    const { address, target, say } = this.#options;
    await this.#makeRoom();
    const stream = await connectThroughBroker(address, { statement, target });
    const client = new Client({ stream: () => stream, database: target, user: "orders" });
    client.on("error", () => undefined);
    client.once("end", () => {
      say(`session ended ${task}`);
      this.#sessions.delete(task);
    });
    await client.connect();
    say(`session opened ${task} ${stream.lease}`);
    return client;
  }

  async #makeRoom(): Promise<void> {
    const [oldest] = this.#sessions;
    if (oldest === undefined || this.#sessions.size < maxSessions) return;
    const [task, session] = oldest;
    this.#sessions.delete(task);
    await session.then(
      (client) => client.end(),
      () => undefined,
    );
  }

  #forget(task: string, session: Promise<Client>): void {
    if (this.#sessions.get(task) === session) this.#sessions.delete(task);
  }
}
