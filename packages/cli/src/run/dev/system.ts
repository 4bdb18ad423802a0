// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { parseAgentConfig, type RunningAgent, startAgent } from "@mayfly/agent";
import type { EntryResult } from "@mayfly/rpc";
import { parseServerConfig, type RunningServer, startServer } from "@mayfly/server";
import { connectServer, withConnection } from "../../connect.ts";
import { CliFailure } from "../../failure.ts";
import { type ConfigParser, configFailure } from "../configuration.ts";
import type { DevDirectory } from "./directory.ts";

/** The throw-away trust domain. */
export const devTrustDomain = "dev.mayfly.test";
const enrolmentTtlSeconds = 60;

/** A program that gets an identity: the path below the trust domain, and the executable that it is. */
export interface Registration {
  readonly path: string;
  readonly executable: string;
  /** Seconds; 0 = the server's default. */
  readonly ttlSeconds: number;
}

/** What the two processes are told. */
export interface DevSettings {
  readonly directory: DevDirectory;
  readonly logLevel: string;
  readonly signal: AbortSignal;
}

function configOf<Config>(
  parse: ConfigParser<Config>,
  directory: DevDirectory,
  values: Record<string, unknown>,
): Config {
  const directories = { runtime: directory.path, state: directory.path };
  const result = parse({ values, directories, position: () => undefined });
  if ("problems" in result) throw configFailure(result.problems);
  return result.config;
}

/** Server and agent of `mayfly dev`: fresh authorities in memory, and a token that pins them. */
export class DevSystem implements AsyncDisposable {
  readonly server: RunningServer;
  readonly agent: RunningAgent;
  readonly #signal: AbortSignal;

  private constructor(server: RunningServer, agent: RunningAgent, signal: AbortSignal) {
    this.server = server;
    this.agent = agent;
    this.#signal = signal;
  }

  /** Starts both; resolves when the agent is attested. */
  static async start({ directory, logLevel, signal }: DevSettings): Promise<DevSystem> {
    const serverConfig = configOf(parseServerConfig, directory, {
      trust_domain: devTrustDomain,
      bind: "127.0.0.1:0",
      server_socket: directory.file("server", "admin.sock"),
      data_dir: directory.file("server", "state"),
      rate_limit: { attestation: 0, signing: 0 },
      log_level: logLevel,
    });
    await using started = new AsyncDisposableStack();
    const server = started.use(await startServer(serverConfig, { keys: "memory" }));
    signal.throwIfAborted();
    const agentConfig = configOf(parseAgentConfig, directory, {
      enrolment: await enrol(server, directory.file("agent", "enrolment"), signal),
      data_dir: directory.file("agent", "state"),
      socket: directory.file("agent", "workload.sock"),
      // The demonstration tells its programs apart by their path; hashing this Node would only take time.
      workload_attestors: { unix: { path: true, sha256: false } },
      log_level: logLevel,
    });
    const agent = started.use(await startAgent(agentConfig));
    await agent.ready({ signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]) });
    started.move();
    return new DevSystem(server, agent, signal);
  }

  /** SPIFFE ID of the agent. */
  get agentId(): string {
    const id = this.agent.agentId;
    if (id === undefined) throw new CliFailure("NOT_READY", "the agent is not attested");
    return id;
  }

  /** Registers programs of this user, waits until the agent holds the entries, and gives their ids. */
  async register(registrations: readonly Registration[]): Promise<readonly string[]> {
    const uid = process.geteuid?.() ?? 0;
    const agentPath = this.agentId.slice(`spiffe://${devTrustDomain}`.length);
    const entries = registrations.map(({ path, executable, ttlSeconds }) => ({
      spiffe_id: { trust_domain: devTrustDomain, path },
      parent_id: { trust_domain: devTrustDomain, path: agentPath },
      selectors: [
        { type: "unix", value: `uid:${uid}` },
        { type: "unix", value: `path:${executable}` },
      ],
      x509_svid_ttl: ttlSeconds,
    }));
    return await withConnection(connectServer(this.server.adminSocket, this.#signal), async (server) => {
      const { results } = await server.call("entry", "BatchCreateEntry", { entries });
      assertTaken(results);
      const entry_ids = results.flatMap((result) => (result.entry ? [result.entry.id] : []));
      await server.call("admin", "AwaitDelivery", { entry_ids });
      return entry_ids;
    });
  }

  /** Gives entries the lifetime of every day, so that a system that is only looked at does not sign all the time. */
  async relax(ids: readonly string[]): Promise<void> {
    const request = { entries: ids.map((id) => ({ id, x509_svid_ttl: 0 })), input_mask: { x509_svid_ttl: true } };
    await withConnection(connectServer(this.server.adminSocket, this.#signal), async (server) => {
      assertTaken((await server.call("entry", "BatchUpdateEntry", request)).results);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.stop();
    await this.server.stop();
  }
}

function assertTaken(results: readonly EntryResult[]): void {
  const refused = results.find((result) => result.status?.code !== 0)?.status;
  if (refused) throw new CliFailure("DEV_REFUSED", `the server refused an entry: ${refused.message}`);
}

/** Writes a fresh enrolment string for the server, which pins its bundle. */
async function enrol(server: RunningServer, file: string, signal: AbortSignal): Promise<string> {
  const address = `${server.address.host}:${server.address.port}`;
  const made = await withConnection(connectServer(server.adminSocket, signal), (connection) =>
    connection.call("admin", "CreateEnrolment", { ttl: enrolmentTtlSeconds, address, agent_id: null }),
  );
  writeFileSync(file, made.enrolment, { mode: 0o600 });
  return file;
}
