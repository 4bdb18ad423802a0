// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAgentConfig, type RunningAgent, startAgent } from "@mayfly/agent";
import {
  agentService,
  entryService,
  mayflyAdminService,
  RpcChannel,
  StatusError,
  WORKLOAD_HEADER,
  workloadApiService,
  type X509SVIDResponse,
} from "@mayfly/rpc";
import { parseServerConfig, type RunningServer, startServer } from "@mayfly/server";

/** The trust domain of these tests. */
export const trustDomain = "example.org";

type Values = Readonly<Record<string, unknown>>;

/** A fresh directory, gone at the end. */
export class TestDirectory implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "mayfly-e2e-"));

  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a secret as a file and gives its path. */
  secret(name: string, text: string): string {
    writeFileSync(this.file(name), text, { mode: 0o600 });
    return this.file(name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A real server and its admin channel. */
export class TestServer implements AsyncDisposable {
  readonly running: RunningServer;
  readonly admin: RpcChannel;

  private constructor(running: RunningServer) {
    this.running = running;
    this.admin = RpcChannel.open({ address: `unix://${running.adminSocket}` });
  }

  static async start(directory: TestDirectory, values: Values = {}): Promise<TestServer> {
    const parsed = parseServerConfig({
      values: {
        trust_domain: trustDomain,
        bind: "127.0.0.1:0",
        server_socket: directory.file("admin.sock"),
        data_dir: directory.file("server"),
        rate_limit: { attestation: 0, signing: 0 },
        log_level: "error",
        ...values,
      },
      directories: { runtime: directory.path, state: directory.path },
      position: () => undefined,
    });
    if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
    return new TestServer(await startServer(parsed.config));
  }

  get address(): string {
    return `${this.running.address.host}:${this.running.address.port}`;
  }

  async enrolment(ttl = 600): Promise<string> {
    const request = { ttl, address: this.address };
    return (await this.admin.unary(mayflyAdminService.methods.CreateEnrolment, request)).enrolment;
  }

  async joinToken(ttl = 600): Promise<string> {
    return (await this.admin.unary(agentService.methods.CreateJoinToken, { ttl })).value;
  }

  /** Creates one entry and gives its id. */
  async createEntry(parentId: string, path: string, values: Values = {}): Promise<string> {
    const entry = {
      spiffe_id: { trust_domain: trustDomain, path },
      parent_id: idMessage(parentId),
      selectors: [{ type: "unix", value: `uid:${process.getuid?.() ?? 0}` }],
      ...values,
    };
    const { results } = await this.admin.unary(entryService.methods.BatchCreateEntry, { entries: [entry] });
    const [result] = results;
    if (result?.status?.code !== 0 || !result.entry) throw new Error(`no entry: ${result?.status?.message}`);
    return result.entry.id;
  }

  async deleteEntry(id: string): Promise<void> {
    await this.admin.unary(entryService.methods.BatchDeleteEntry, { ids: [id] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.admin.close();
    await this.running.stop();
  }
}

/** Starts a real agent in this process. */
export async function startTestAgent(directory: TestDirectory, values: Values): Promise<RunningAgent> {
  const parsed = parseAgentConfig({
    values: {
      socket: directory.file("workload.sock"),
      data_dir: directory.file("agent"),
      log_level: "error",
      ...values,
    },
    directories: { runtime: directory.path, state: directory.path },
    position: () => undefined,
  });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return startAgent(parsed.config);
}

/** A channel to the Workload API, with the header. */
export function openWorkload(socket: string): RpcChannel {
  return RpcChannel.open({ address: `unix://${socket}`, metadata: { [WORKLOAD_HEADER]: "true" } });
}

/** An open FetchX509SVID stream, message by message. */
export function watchX509(channel: RpcChannel, timeoutMs = 30_000): AsyncGenerator<X509SVIDResponse, void, undefined> {
  return channel.serverStream(workloadApiService.methods.FetchX509SVID, {}, { timeoutMs });
}

/** The next message. */
export async function nextOf<T>(stream: AsyncGenerator<T, void, undefined>): Promise<T> {
  const next = await stream.next();
  if (next.done) throw new Error("the stream ended with OK");
  return next.value;
}

/** As the contract writes it. */
export function idMessage(id: string): { trust_domain: string; path: string } {
  const [, domain = "", path = ""] = /^spiffe:\/\/([^/]+)(.*)$/.exec(id) ?? [];
  return { trust_domain: domain, path };
}

/** What the attempt was refused with. */
export async function refusalOf(attempt: Promise<unknown>): Promise<StatusError> {
  const outcome = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof StatusError) return outcome;
  throw new Error(`expected a refusal, got ${String(outcome)}`);
}

/** How long it took, in ms, and what came of it. */
export async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await work;
  return { value, ms: performance.now() - start };
}

/** Waits for the condition. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("it did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Server and agent that attested by an enrolment string. */
export class TestSystem implements AsyncDisposable {
  readonly directory: TestDirectory;
  readonly server: TestServer;
  readonly agent: RunningAgent;

  private constructor(directory: TestDirectory, server: TestServer, agent: RunningAgent) {
    this.directory = directory;
    this.server = server;
    this.agent = agent;
  }

  static async start(options: { server?: Values; agent?: Values } = {}): Promise<TestSystem> {
    const directory = new TestDirectory();
    const server = await TestServer.start(directory, options.server);
    const enrolment = directory.secret("enrolment", await server.enrolment());
    const agent = await startTestAgent(directory, { enrolment, ...options.agent });
    await agent.ready({ signal: AbortSignal.timeout(20_000) });
    return new TestSystem(directory, server, agent);
  }

  get agentId(): string {
    return this.agent.agentId ?? "";
  }

  createEntry(path: string, values: Values = {}): Promise<string> {
    return this.server.createEntry(this.agentId, path, values);
  }

  openWorkload(): RpcChannel {
    return openWorkload(this.agent.socketPath);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.stop();
    await this.server[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}
