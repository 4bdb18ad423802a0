// SPDX-License-Identifier: Apache-2.0
import type { PostgresLogin } from "@mayfly/testkit";
import { Client } from "pg";

/** Logs in again and again, several at a time, with the group taken on by the start-up packet; each session reads the table until it is cut. */
export class LoginStorm {
  logins = 0;
  reads = 0;
  readonly #login: PostgresLogin;
  readonly #group: string;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();
  readonly #open = new Set<Client>();

  constructor(login: PostgresLogin, group: string) {
    this.#login = login;
    this.#group = group;
  }

  /** Resolves when the first has read. */
  async start(atOnce: number): Promise<void> {
    this.#running = Promise.all(Array.from({ length: atOnce }, () => this.#loop()));
    while (this.reads === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** From now on: how many reads there were since. */
  readsAfter(): () => number {
    const before = this.reads;
    return () => this.reads - before;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#open].map((client) => client.end().catch(() => undefined)));
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#isOver) {
      const client = new Client({ ...this.#login, options: `-c role=${this.#group}`, connectionTimeoutMillis: 5_000 });
      client.on("error", () => undefined);
      this.#open.add(client);
      try {
        await client.connect();
        this.logins++;
        await this.#read(client);
      } catch {
        // Refused or cut: the next one.
      }
      this.#open.delete(client);
      await client.end().catch(() => undefined);
    }
  }

  /** Every other session stays; the others make room for the next login. */
  async #read(client: Client): Promise<void> {
    const stays = this.logins % 2 === 0;
    for (let turn = 0; !this.#isOver && (stays || turn < 1); turn++) {
      await client.query("SELECT note FROM orders");
      this.reads++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
