// SPDX-License-Identifier: Apache-2.0
import type { PostgresLogin } from "@mayfly/testkit";
import { Client } from "pg";

/** Logs in again and again, several at a time, with the group taken on by the start-up packet; each session reads the table until it is cut. */
export class LoginStorm {
  logins = 0;
  reads = 0;
  readonly #login: PostgresLogin;
  readonly #group: string;
  readonly #delaySeconds: number;
  #tries = 0;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  /** `delaySeconds`: every third login puts off being listed for so long. */
  constructor(login: PostgresLogin, group: string, delaySeconds = 0) {
    this.#delaySeconds = delaySeconds;
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
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#isOver) {
      const delay = this.#tries++ % 3 === 2 ? this.#delaySeconds : 0;
      const options = `-c role=${this.#group} -c post_auth_delay=${delay}`;
      const client = new Client({ ...this.#login, options, connectionTimeoutMillis: 5_000 });
      client.on("error", () => undefined);
      try {
        await client.connect();
        this.logins++;
        await this.#read(client);
      } catch {
        // Refused or cut: the next one.
      }
      // It has been cut already, more often than not.
      void client.end().catch(() => undefined);
    }
  }

  /** Every other session stays; the others make room for the next login. */
  async #read(client: Client): Promise<void> {
    const turns = this.logins % 2 === 0 ? Number.POSITIVE_INFINITY : 1;
    for (let turn = 0; !this.#isOver && turn < turns; turn++) {
      await client.query("SELECT note FROM orders");
      this.reads++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
