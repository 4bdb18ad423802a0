// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const mayfly = fileURLToPath(new URL("../scripts/mayfly", import.meta.url));

/** What a finished program said. */
export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment of foreign programs: ours less what only our own Node understands. */
export function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: "", ...extra };
}

/** Runs a program to its end. */
export function runProgram(
  command: readonly string[],
  options: { env?: Record<string, string>; input?: string; timeoutMs?: number } = {},
): Finished {
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, {
    env: environment(options.env),
    input: options.input ?? "",
    encoding: "utf8",
    timeout: options.timeoutMs ?? 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: result.status ?? 128, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a program that must succeed; its standard output. */
export function output(command: readonly string[], options: Parameters<typeof runProgram>[1] = {}): string {
  const result = runProgram(command, options);
  if (result.status !== 0)
    throw new Error(`${command.join(" ")} ended with ${result.status}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** Which user a program runs as. */
export interface ProgramUser {
  readonly uid: number;
  readonly gid: number;
}

/** A program that goes on in the background; `ended` gives its outcome. */
export class Background implements AsyncDisposable {
  readonly ended: Promise<Finished>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";

  /** `input`: all of standard input; undefined leaves it open for `write`. */
  constructor(command: readonly string[], env: Record<string, string> = {}, input?: string, user?: ProgramUser) {
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, { ...user, env: environment(env), stdio: ["pipe", "pipe", "pipe"] });
    // Whoever ended reads no more, and that shows in `ended`.
    this.#child.stdin?.on("error", () => undefined);
    if (input !== undefined) this.#child.stdin?.end(input);
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => resolve({ status: code ?? 128, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get log(): string {
    return this.#stdout + this.#stderr;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** For who waits for something that a program which ended will never do. @throws when it has ended */
  assertRunning(): void {
    const { exitCode, signalCode, spawnargs } = this.#child;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`${spawnargs.join(" ")} ended with ${String(exitCode ?? signalCode)}: ${this.log}`);
  }

  /** Appends to its standard input. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Lines of its standard output as they come, from the first on; ends with it. One reader. */
  async *lines(): AsyncGenerator<string> {
    for (let at = 0; ; ) {
      const end = this.#stdout.indexOf("\n", at);
      if (end >= 0) {
        yield this.#stdout.slice(at, end);
        at = end + 1;
      } else if (!(await this.#moreOutput())) return;
    }
  }

  /** Whether more came; false = it ended. */
  #moreOutput(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#child.stdout?.once("data", () => resolve(true));
      void this.ended.catch(() => undefined).then(() => resolve(false));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 10_000);
    await this.ended.catch(() => undefined);
    clearTimeout(timer);
  }
}

/** Polls until `check` gives something; fails with what `what` says after the deadline. */
export async function until<T>(what: () => string, check: () => T | undefined | false, timeoutMs = 30_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`timed out waiting for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A TCP port of the loopback that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** How to start a process of a service. */
export interface ServiceOptions {
  readonly command: readonly string[];
  /** What it writes when it can be used. */
  readonly ready: RegExp;
  readonly env?: Record<string, string> | undefined;
  readonly user?: ProgramUser | undefined;
}

/** A process that serves, may crash and be started again: a gateway, a broker, a tool server. */
export class ServiceProcess implements AsyncDisposable {
  readonly #options: ServiceOptions;
  #process: Background | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  get log(): string {
    return this.#process?.log ?? "";
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts the process (again) and waits until it says that it is ready. */
  async boot(): Promise<void> {
    const { command, ready, env, user } = this.#options;
    const started = new Background(command, env, "", user);
    this.#process = started;
    await until(
      () => `${command.join(" ")}: ${started.log}`,
      () => {
        if (ready.test(started.log)) return true;
        started.assertRunning();
        return false;
      },
    );
  }

  /** Ends the process as a crash would. */
  async crash(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}

/** A Mayfly server as a real process, and the commands to operate it. */
export class MayflyServer implements AsyncDisposable {
  readonly dir: string = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
  readonly trustDomain = "example.org";
  readonly adminSocket: string = join(this.dir, "admin", "admin.sock");
  #port = 0;
  #within: readonly string[] = [];
  #process: Background | undefined;

  readonly dataDir: string = join(this.dir, "server");

  static async start(settings: Record<string, unknown> = {}): Promise<MayflyServer> {
    await using resources = new AsyncDisposableStack();
    const server = resources.use(await MayflyServer.prepare(settings));
    await server.boot();
    resources.move();
    return server;
  }

  /** A server with its configuration and its data directory, not started yet. `within`: a command that starts its command elsewhere. */
  static async prepare(
    settings: Record<string, unknown> = {},
    { within = [] }: { readonly within?: readonly string[] } = {},
  ): Promise<MayflyServer> {
    const server = new MayflyServer();
    server.#within = within;
    mkdirSync(server.dataDir, { mode: 0o700 });
    server.#port = await freePort();
    const config = {
      trust_domain: server.trustDomain,
      bind: `127.0.0.1:${server.#port}`,
      server_socket: server.adminSocket,
      data_dir: server.dataDir,
      ...settings,
    };
    writeFileSync(join(server.dir, "server.yaml"), JSON.stringify(config));
    writeFileSync(join(server.dir, "kek"), Buffer.alloc(32, 7).toString("base64"), { mode: 0o600 });
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get log(): string {
    return this.#process?.log ?? "";
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts the process (again). */
  async boot(): Promise<void> {
    const command = [...this.#within, mayfly, "server", "run", "--config", join(this.dir, "server.yaml")];
    this.#process = new Background(command, { MAYFLY_KEY_ENCRYPTION_KEY_FILE: join(this.dir, "kek") });
    await until(
      () => `the server: ${this.log}`,
      () => {
        this.#process?.assertRunning();
        return this.tryMayfly(["server", "healthcheck"]).status === 0;
      },
    );
  }

  /** Ends the process as a crash would. */
  async crash(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.ended;
  }

  tryMayfly(args: readonly string[], input = ""): Finished {
    return runProgram([mayfly, ...args], { env: { MAYFLY_SERVER_SOCKET: this.adminSocket }, input });
  }

  /** An operator's command; its standard output. */
  mayfly(...args: readonly string[]): string {
    return output([mayfly, ...args], { env: { MAYFLY_SERVER_SOCKET: this.adminSocket } });
  }

  createEntry(path: string, parentId: string, selectors: readonly string[], ...more: readonly string[]): void {
    const options = selectors.flatMap((selector) => ["--selector", selector]);
    this.mayfly(
      "entry",
      "create",
      "--spiffe-id",
      `spiffe://${this.trustDomain}${path}`,
      "--parent-id",
      parentId,
      ...options,
      ...more,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A Mayfly agent as a real process, enrolled at a server. */
export class MayflyAgent implements AsyncDisposable {
  readonly dir: string = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
  readonly socket: string = join(this.dir, "agent", "workload.sock");
  #id = "";
  #process: Background | undefined;

  readonly dataDir: string = join(this.dir, "state");

  static async start(server: MayflyServer, address?: string): Promise<MayflyAgent> {
    const agent = await MayflyAgent.prepare(server, address);
    await agent.boot();
    return agent;
  }

  /** An agent with its enrolment string and its data directory, not started yet. `address`: where it reaches the server. */
  static async prepare(server: MayflyServer, address: string = server.address): Promise<MayflyAgent> {
    const agent = new MayflyAgent();
    mkdirSync(agent.dataDir, { mode: 0o700 });
    const made = JSON.parse(
      server.mayfly("token", "create", "--enrolment", "--address", address, "--output", "json"),
    ) as {
      enrolment: string;
    };
    writeFileSync(join(agent.dir, "enrolment"), made.enrolment, { mode: 0o600 });
    return agent;
  }

  get id(): string {
    return this.#id;
  }

  get log(): string {
    return this.#process?.log ?? "";
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** For the SPIFFE libraries. */
  get env(): Record<string, string> {
    return { SPIFFE_ENDPOINT_SOCKET: `unix://${this.socket}` };
  }

  /** Starts the process (again) and waits until it is ready. */
  async boot(): Promise<void> {
    this.spawn();
    this.#id = await until(
      () => `the agent: ${this.log}`,
      () => {
        this.#process?.assertRunning();
        const health = runProgram([mayfly, "agent", "healthcheck", "--output", "json"], { env: this.env });
        if (health.status !== 0) return undefined;
        return /spiffe:\/\/[^ ,"]+/.exec(health.stdout)?.[0];
      },
    );
  }

  /** Starts the process (again) and returns at once. */
  spawn(): void {
    const files = ["--enrolment", join(this.dir, "enrolment"), "--data-dir", this.dataDir, "--socket", this.socket];
    this.#process = new Background([mayfly, "agent", "run", ...files]);
  }

  /** Everything that the agent keeps on disk. */
  stateFiles(): string[] {
    return readdirSync(this.dataDir, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name));
  }

  async crash(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.ended;
  }

  mayfly(...args: readonly string[]): string {
    return output([mayfly, ...args], { env: this.env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
