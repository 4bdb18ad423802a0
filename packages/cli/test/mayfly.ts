// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** What a finished command said. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export class Running implements AsyncDisposable {
  readonly ended: Promise<Outcome>;
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";

  constructor(words: readonly string[], env: Record<string, string> = {}, input = "") {
    // NODE_OPTIONS of the test runner brings the condition that resolves packages to their sources.
    this.child = spawn(process.execPath, [main, ...words], { env: { ...environment, ...env } });
    this.child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.child.stdin?.on("error", () => undefined).end(input);
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (status) => resolve({ status, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Resolves when `text` was written to either stream. */
  async says(text: string | RegExp, timeoutMs = 15_000): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const all = this.stdout + this.stderr;
      if (typeof text === "string" ? all.includes(text) : text.test(all)) return;
      if (performance.now() > end || this.child.exitCode !== null)
        throw new Error(`never said ${String(text)}:\n${all}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 8_000);
    await this.ended;
    clearTimeout(timer);
  }
}

/** The environment of a user who set nothing of ours. */
const environment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("MAYFLY_") && !name.startsWith("SPIFFE_")),
);

/** Runs a command to its end. */
export function mayfly(words: readonly string[], env: Record<string, string> = {}, input = ""): Promise<Outcome> {
  return new Running(words, env, input).ended;
}

/** A server of the trust domain example.org, and one agent where `withAgent` says so, as real processes. */
export class System implements AsyncDisposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "mayfly-cli-"));
  readonly adminSocket: string = join(this.directory, "server", "admin.sock");
  readonly workloadSocket: string = join(this.directory, "agent", "workload.sock");
  readonly env: Record<string, string> = {
    MAYFLY_SERVER_SOCKET: this.adminSocket,
    SPIFFE_ENDPOINT_SOCKET: `unix://${this.workloadSocket}`,
  };
  readonly #parts = new AsyncDisposableStack();
  #agentId = "";
  #address = "";

  /** `settings` are the server's, beside what it needs here. */
  static async start({
    withAgent = false,
    settings = {},
  }: {
    readonly withAgent?: boolean;
    readonly settings?: object;
  } = {}): Promise<System> {
    const system = new System();
    try {
      await system.#startServer(settings);
      if (withAgent) await system.#startAgent();
      return system;
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** SPIFFE ID of the agent. */
  get agentId(): string {
    return this.#agentId;
  }

  /** `host:port` of the server's listener. */
  get address(): string {
    return this.#address;
  }

  /** Runs a command against this system. */
  run(words: readonly string[], input = ""): Promise<Outcome> {
    return mayfly(words, this.env, input);
  }

  /** Runs a command that must succeed, with JSON as output. */
  async json<T>(...words: readonly string[]): Promise<T> {
    const { status, stdout, stderr } = await this.run([...words, "--output", "json"]);
    if (status !== 0) throw new Error(`mayfly ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Starts a command that goes on. */
  start(words: readonly string[]): Running {
    return new Running(words, this.env);
  }

  file(name: string, content: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  async #startServer(more: object): Promise<void> {
    const key = Buffer.alloc(32, 7).toString("base64");
    const settings = {
      trust_domain: "example.org",
      bind: "127.0.0.1:0",
      server_socket: this.adminSocket,
      data_dir: join(this.directory, "server", "state"),
      key_encryption_key_file: this.file("kek", key),
      ...more,
    };
    const server = this.#parts.use(
      new Running(["server", "run", "--config", this.file("server.yaml", JSON.stringify(settings))]),
    );
    await server.says("server_started");
    this.#address = /server_started .*address=(\S+)/.exec(server.stderr)?.[1] ?? "";
  }

  async #startAgent(): Promise<void> {
    const made = await this.json<{ enrolment: string }>("token", "create", "--enrolment");
    const words = ["agent", "run", "--enrolment", "-", "--data-dir", join(this.directory, "agent", "state")];
    const agent = new Running([...words, "--socket", this.workloadSocket], {}, made.enrolment);
    this.#parts.use(agent);
    for (let tries = 0; this.#agentId === ""; tries += 1) {
      const health = await this.run(["agent", "healthcheck", "--output", "json"]);
      this.#agentId = /spiffe:\/\/[^ ,"]+/.exec(health.status === 0 ? health.stdout : "")?.[0] ?? "";
      if (tries > 40) throw new Error(`the agent does not get ready: ${agent.stderr}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
