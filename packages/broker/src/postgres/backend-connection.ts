// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { Client } from "pg";
import { LeaseError } from "../errors.ts";
import type { HeldConnection } from "./end/account-ender.ts";
import type { Secret } from "./secret.ts";
import type { PostgresTargetConfig } from "./target-config.ts";

/** What `pg` keeps to itself: the raw stream, and the messages of the start-up. */
interface Wire {
  readonly stream: Duplex;
  on(event: "parameterStatus", listener: (message: { parameterName: string; parameterValue: string }) => void): void;
  once(event: "readyForQuery" | "end", listener: () => void): void;
  removeAllListeners(): void;
}

/** How the session is begun. */
export interface BackendLogin {
  readonly user: string;
  readonly secret: Secret;
  readonly applicationName: string;
  /** Settings of the session, as in `-c name=value`. */
  readonly settings: Readonly<Record<string, string>>;
}

const proofMs = 2_000;
const sync = Buffer.from([0x53, 0, 0, 0, 4]); // Sync: whoever lives answers with ReadyForQuery

/** A session that the broker authenticated, from where on it only carries its bytes. */
export class BackendConnection implements HeldConnection {
  readonly stream: Duplex;
  /** As the server reported them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The server's process. */
  readonly processId: number;
  #isEnded = false;

  private constructor(client: Client, wire: Wire, parameters: ReadonlyMap<string, string>) {
    this.processId = (client as unknown as { processID: number }).processID;
    this.parameters = parameters;
    this.stream = wire.stream;
    detach(wire);
    const ended = (): void => void (this.#isEnded = true);
    this.stream.on("error", ended).on("end", ended).on("close", ended);
  }

  /** @throws {LeaseError} TARGET_UNAVAILABLE */
  static async open(config: PostgresTargetConfig, login: BackendLogin): Promise<BackendConnection> {
    const client = clientOf(config, login);
    const wire = (client as unknown as { connection: Wire }).connection;
    const parameters = new Map<string, string>();
    wire.on("parameterStatus", ({ parameterName, parameterValue }) => parameters.set(parameterName, parameterValue));
    return await new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => {
        wire.stream.destroy();
        reject(new LeaseError("TARGET_UNAVAILABLE", "the database gave no session", { cause }));
      };
      client.on("error", fail);
      // In the same turn as the message: not a byte of what follows is read by anybody else.
      wire.once("readyForQuery", () => resolve(new BackendConnection(client, wire, parameters)));
      client.connect().catch(fail);
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Asks the session itself: an ended one can't answer. */
  async proveDead(): Promise<string> {
    const { stream } = this;
    const signal = AbortSignal.timeout(proofMs);
    try {
      if (!this.#isEnded) {
        stream.resume();
        stream.write(sync, () => undefined);
        await Promise.race([once(stream, "end", { signal }), once(stream, "close", { signal })]);
      }
      return "connection-ended";
    } catch (error) {
      // `once` rejects with the stream's own error: a reset is an end as well.
      if (!signal.aborted) return "connection-ended";
      throw new LeaseError("STILL_ALIVE", "a held connection still stands", { cause: error });
    } finally {
      if (this.#isEnded) stream.destroy();
    }
  }
}

function clientOf({ admin, database }: PostgresTargetConfig, login: BackendLogin): Client {
  return new Client({
    host: admin.host,
    port: admin.port,
    ssl: admin.tls ?? false,
    database,
    user: login.user,
    password: login.secret.reveal(),
    application_name: login.applicationName,
    options: Object.entries(login.settings)
      .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, "\\$&")}`)
      .join(" "),
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
}

function detach(wire: Wire): void {
  wire.removeAllListeners();
  wire.stream.pause();
  for (const event of ["data", "end", "error", "close"]) wire.stream.removeAllListeners(event);
}
