// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Background, freePort, MayflyServer, output, runProgram, until } from "../../processes.ts";
import { peerCommand } from "../peers.ts";
import { type Backend, createEntry, deleteEntry, setBundle } from "./backend.ts";

const trustDomain = "example.org";

/** What a spire-agent needs of the server above it, ours or SPIRE's. */
interface ServerSide extends AsyncDisposable {
  readonly port: number;
  bundle(): string;
  token(): string;
  federate(trustDomain: string, pem: string): void;
  create(path: string, parentId: string, group: number, options: { ttlSeconds: number; federatesWith: string }): void;
  delete(path: string): void;
}

class OurServerSide implements ServerSide {
  readonly #server: MayflyServer;

  constructor(server: MayflyServer) {
    this.#server = server;
  }

  get port(): number {
    return this.#server.port;
  }

  bundle(): string {
    return this.#server.mayfly("bundle", "show");
  }

  token(): string {
    return this.#server.mayfly("token", "create").trim();
  }

  federate(name: string, pem: string): void {
    setBundle(this.#server, name, pem);
  }

  create(path: string, parentId: string, group: number, options: { ttlSeconds: number; federatesWith: string }): void {
    createEntry(this.#server, parentId, { path, group, ...options });
  }

  delete(path: string): void {
    deleteEntry(this.#server, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

class SpireServerSide implements ServerSide {
  readonly port: number;
  readonly #dir: string;
  readonly #process: Background;
  readonly #program: string[] = peerCommand("spire-server");

  private constructor(dir: string, port: number) {
    this.port = port;
    this.#dir = dir;
    writeFileSync(
      join(dir, "server.conf"),
      `server {
  bind_address = "127.0.0.1"
  bind_port = "${port}"
  socket_path = "${join(dir, "api.sock")}"
  trust_domain = "${trustDomain}"
  data_dir = "${dir}"
  log_level = "WARN"
}
plugins {
  DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "${join(dir, "db")}" } }
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
}
`,
    );
    this.#process = new Background([...this.#program, "run", "-config", join(dir, "server.conf")]);
  }

  static async start(dir: string): Promise<SpireServerSide> {
    const side = new SpireServerSide(dir, await freePort());
    await until(
      () => side.#process.log,
      () => runProgram([...side.#program, "healthcheck", "-socketPath", join(dir, "api.sock")]).status === 0,
    );
    return side;
  }

  #admin(args: readonly string[], input = ""): string {
    return output([...this.#program, ...args, "-socketPath", join(this.#dir, "api.sock")], { input });
  }

  bundle(): string {
    return this.#admin(["bundle", "show"]);
  }

  token(): string {
    return /Token: (\S+)/.exec(this.#admin(["token", "generate"]))?.[1] ?? "";
  }

  federate(name: string, pem: string): void {
    this.#admin(["bundle", "set", "-id", `spiffe://${name}`], pem);
  }

  create(path: string, parentId: string, group: number, options: { ttlSeconds: number; federatesWith: string }): void {
    const names = ["-spiffeID", `spiffe://${trustDomain}${path}`, "-parentID", parentId];
    const more = ["-x509SVIDTTL", String(options.ttlSeconds), "-federatesWith", `spiffe://${options.federatesWith}`];
    this.#admin(["entry", "create", ...names, "-selector", `unix:gid:${group}`, ...more]);
  }

  delete(path: string): void {
    const shown = this.#admin(["entry", "show", "-spiffeID", `spiffe://${trustDomain}${path}`]);
    for (const [, id = ""] of shown.matchAll(/^Entry ID\s+: (\S+)$/gm))
      this.#admin(["entry", "delete", "-entryID", id]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** The real spire-agent below a real spire-server or ours. */
export class SpireBackend implements Backend {
  readonly name: string;
  readonly trustDomain: string = trustDomain;
  readonly #dir: string;
  readonly #server: ServerSide;
  readonly #agentId: string;
  readonly #agent: Background;

  private constructor(name: string, dir: string, server: ServerSide) {
    this.name = name;
    this.#dir = dir;
    this.#server = server;
    const token = server.token();
    this.#agentId = `spiffe://${trustDomain}/spire/agent/join_token/${token}`;
    writeFileSync(join(dir, "bundle.pem"), server.bundle());
    for (const folder of ["data", "keys"]) mkdirSync(join(dir, folder));
    writeFileSync(join(dir, "agent.conf"), this.#config());
    const options = ["-config", join(dir, "agent.conf"), "-joinToken", token];
    this.#agent = new Background([...peerCommand("spire-agent"), "run", ...options]);
  }

  static async start(below: "spire-server" | "our server"): Promise<SpireBackend> {
    const dir = mkdtempSync(join(tmpdir(), "mayfly-mtls-"));
    const serverDir = mkdtempSync(join(dir, "server-"));
    const server =
      below === "our server" ? new OurServerSide(await MayflyServer.start()) : await SpireServerSide.start(serverDir);
    const backend = new SpireBackend(`spire-agent on ${below}`, dir, server);
    await until(
      () => backend.log,
      () => runProgram([...peerCommand("spire-agent"), "healthcheck", "-socketPath", backend.#socket]).status === 0,
      60_000,
    );
    return backend;
  }

  get #socket(): string {
    return join(this.#dir, "public", "api.sock");
  }

  #config(): string {
    return `agent {
  data_dir = "${join(this.#dir, "data")}"
  log_level = "WARN"
  server_address = "127.0.0.1"
  server_port = "${this.#server.port}"
  socket_path = "${this.#socket}"
  trust_domain = "${trustDomain}"
  trust_bundle_path = "${join(this.#dir, "bundle.pem")}"
  experimental { sync_interval = "1s" }
}
plugins {
  NodeAttestor "join_token" { plugin_data {} }
  KeyManager "memory" { plugin_data {} }
  WorkloadAttestor "unix" { plugin_data {} }
}
`;
  }

  get env(): Record<string, string> {
    return { SPIFFE_ENDPOINT_SOCKET: `unix://${this.#socket}` };
  }

  get log(): string {
    return this.#agent.log.slice(-2_000);
  }

  federate(name: string, pem: string): void {
    this.#server.federate(name, pem);
  }

  create(path: string, group: number, options: { ttlSeconds: number; federatesWith: string }): void {
    this.#server.create(path, this.#agentId, group, options);
  }

  delete(path: string): void {
    this.#server.delete(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
