// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { environment, until } from "../../processes.ts";
import { peerCommand } from "../peers.ts";
import type { Command, PeerEvent } from "../ts-peer/protocol.ts";

const tsPeer = fileURLToPath(new URL("../ts-peer/main.ts", import.meta.url));

/** The programs that are peers: the one of ../ts-peer on spiffe-client, and the one of ../go on go-spiffe. */
type Library = "ours" | "go";

function commandOf(library: Library): string[] {
  if (library === "go") return [...peerCommand("go"), "peer"];
  return [process.execPath, "--conditions=@mayfly/source", tsPeer];
}

/** What a peer needs to start: a program, the group that selects its identity, and where its Workload API is. */
interface PeerStart {
  readonly library: Library;
  readonly group: number;
  readonly env: Record<string, string>;
}

/** A process with an identity that serves and calls as it is told. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #events: PeerEvent[] = [];
  readonly #closed: Promise<void>;
  #stderr = "";
  #ids = 0;

  private constructor({ library, group, env }: PeerStart) {
    const command = ["--regid", String(group), "--clear-groups", ...commandOf(library)];
    this.#child = spawn("setpriv", command, { env: environment(env), stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#stderr += chunk.toString()));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        this.#events.push(JSON.parse(line) as PeerEvent);
      });
    }
    this.#closed = new Promise((resolve) => this.#child.once("close", () => resolve()));
  }

  /** Resolves when the process has its first identity. */
  static async start(options: PeerStart): Promise<PeerProcess> {
    const peer = new PeerProcess(options);
    await peer.event(0, "ready", 40_000);
    return peer;
  }

  /** Sends a command; its id. */
  send(command: Omit<Command, "id">): number {
    const id = ++this.#ids;
    this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    return id;
  }

  /** Starts a server. */
  async serve(
    transport: string,
    authorize: string,
    files: Pick<Command, "certificate" | "key"> = {},
  ): Promise<Serving> {
    const id = this.send({ op: "serve", transport, authorize, ...files });
    const { address = "" } = await this.event(id, "serving");
    return { id, address };
  }

  /** One call over a new connection: what came of it. */
  async call(
    transport: string,
    address: string,
    authorize: string,
    files: Pick<Command, "certificate" | "key"> = {},
  ): Promise<PeerEvent> {
    const id = this.send({ op: "call", transport, address, authorize, ...files });
    return await this.outcome(id);
  }

  /** Calls that offer the tickets they were given (Go only). */
  async resume(transport: string, address: string, options: Pick<Command, "authorize" | "tls12">): Promise<PeerEvent> {
    return await this.outcome(this.send({ op: "resume", transport, address, ...options }));
  }

  /** `done` or `failed`. */
  async outcome(id: number, timeoutMs = 20_000): Promise<PeerEvent> {
    return await until(
      () => `the outcome of command ${id}: ${this.log}`,
      () => this.#events.find((one) => one.id === id && (one.event === "done" || one.event === "failed")),
      timeoutMs,
    );
  }

  async event(id: number, event: PeerEvent["event"], timeoutMs = 20_000): Promise<PeerEvent> {
    return await until(
      () => `${event} of command ${id}: ${this.log}`,
      () => this.events(id, event)[0],
      timeoutMs,
    );
  }

  /** All so far. */
  events(id: number, event: PeerEvent["event"]): PeerEvent[] {
    return this.#events.filter((one) => one.id === id && one.event === event);
  }

  /** For stopping and going on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  get log(): string {
    return `${this.#stderr.slice(-2_000)}\n${this.#events
      .slice(-12)
      .map((one) => JSON.stringify(one))
      .join("\n")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#closed;
  }
}

/** A server in a peer. */
export interface Serving {
  readonly id: number;
  readonly address: string;
}
