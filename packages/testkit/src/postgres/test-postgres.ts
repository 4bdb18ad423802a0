// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { postgresBin } from "./postgres-bin.ts";

/** How to start a `TestPostgres`. */
export interface TestPostgresOptions {
  /** Lines of postgresql.conf: name and value, as they are written there. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Whether commits wait for the disk; default false. */
  readonly durable?: boolean | undefined;
}

/** Where and as whom to log in: what `pg` and psql (as PGHOST and so on) take. */
export interface PostgresLogin {
  /** Directory of the Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const run = promisify(execFile);

/**
 * A real PostgreSQL cluster of its own, in a temporary directory and on a Unix socket; every login takes a password (SCRAM). Runs as
 * `postgres` or `nobody` when the tests are root. Disposing stops it at once and removes it.
 */
export class TestPostgres implements AsyncDisposable {
  readonly #dir: string;
  readonly #login: PostgresLogin;
  readonly #owner: { readonly uid?: number; readonly gid?: number };
  readonly #settings: Readonly<Record<string, string>>;
  #process: ReturnType<typeof spawn> | undefined;

  private constructor(dir: string, password: string, settings: Readonly<Record<string, string>>) {
    this.#dir = dir;
    this.#owner = unprivileged();
    this.#login = { host: dir, port: 5432, user: "postgres", password, database: "postgres" };
    this.#settings = settings;
  }

  static async start({ settings = {}, durable = false }: TestPostgresOptions = {}): Promise<TestPostgres> {
    const dir = mkdtempSync(join(tmpdir(), "mayfly-pg-"));
    const speed = durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
    await using resources = new AsyncDisposableStack();
    const made = new TestPostgres(dir, randomBytes(16).toString("hex"), { ...speed, ...settings });
    const postgres = resources.use(made);
    await postgres.#initialize();
    await postgres.startServer();
    resources.move();
    return postgres;
  }

  /** The superuser's login; `over` replaces parts of it. */
  login(over: Partial<PostgresLogin> = {}): PostgresLogin {
    return { ...this.#login, ...over };
  }

  /** The server's log so far. */
  log(): string {
    return readFileSync(join(this.#dir, "log"), "utf8");
  }

  /** After `stopServer`. */
  async startServer(): Promise<void> {
    const flags = Object.entries(this.#settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const command = `exec "$0" "$@" 2>>"${join(this.#dir, "log")}"`;
    const server = join(postgresBin(), "postgres");
    this.#process = spawn("/bin/sh", ["-c", command, server, "-D", join(this.#dir, "data"), ...flags], {
      ...this.#owner,
      cwd: this.#dir,
      stdio: "ignore",
    });
    await this.#answering(this.#process);
  }

  /** Sessions are cut and the server goes; the data stay. */
  async stopServer(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGINT");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServer();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #initialize(): Promise<void> {
    const passwordFile = join(this.#dir, "password");
    writeFileSync(passwordFile, this.#login.password);
    const { uid, gid } = this.#owner;
    if (uid !== undefined && gid !== undefined) for (const path of [this.#dir, passwordFile]) chownSync(path, uid, gid);
    const data = join(this.#dir, "data");
    const flags = [
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-U",
      "postgres",
      "-E",
      "UTF8",
      "--no-locale",
      "-N",
    ];
    await run(join(postgresBin(), "initdb"), ["-D", data, ...flags], { ...this.#owner, cwd: this.#dir });
    rmSync(passwordFile);
    const settings = {
      listen_addresses: "''",
      unix_socket_directories: `'${this.#dir}'`,
      port: "5432",
      max_connections: "300",
      max_prepared_transactions: "20",
      shared_buffers: "64MB",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    writeFileSync(join(data, "postgresql.auto.conf"), lines.join(""));
  }

  async #answering(server: ReturnType<typeof spawn>): Promise<void> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) {
      if (server.exitCode !== null) break;
      if (await isReady(join(this.#dir, ".s.PGSQL.5432"))) return;
    }
    throw new Error(`PostgreSQL did not start: ${this.log().slice(-2000)}`);
  }
}

/** Root can't run PostgreSQL. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  const account = ["postgres", "nobody"]
    .map((name) => accounts.find((line) => line.startsWith(`${name}:`))?.split(":"))
    .find((fields) => fields !== undefined);
  return { uid: Number(account?.[2]), gid: Number(account?.[3]) };
}

/** A server that is starting answers a start-up packet of no known version with an error that begins with E, as a ready one does; only a ready one asks for a password. */
async function isReady(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    const body = Buffer.from("user\0postgres\0database\0postgres\0\0", "latin1");
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8, 0);
    head.writeUInt32BE(0x0003_0000, 4);
    socket.write(Buffer.concat([head, body]));
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer[0] === 0x52;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
