// SPDX-License-Identifier: Apache-2.0
import { type FSWatcher, watch } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import type { Logger } from "@mayfly/telemetry";
import { listenOn, socketFileId } from "./socket-file.ts";

/** Where the socket is, and what happens with those who connect. */
export interface WorkloadSocketOptions {
  readonly path: string;
  readonly log: Logger;
  readonly onConnection: (socket: Socket) => void;
}

const recheckMs = 1000;

/** The agent's socket; put back when somebody deletes its file, while open connections go on. */
export class WorkloadSocket implements AsyncDisposable {
  readonly #options: WorkloadSocketOptions;
  #server: Server | undefined;
  #watcher: FSWatcher | undefined;
  #recheck: NodeJS.Timeout | undefined;
  #repairing: Promise<void> | undefined;
  #closed = false;

  private constructor(options: WorkloadSocketOptions) {
    this.#options = options;
  }

  /** Resolves when the socket listens. @throws {AgentError} SOCKET_PATH_UNSAFE */
  static async open(options: WorkloadSocketOptions): Promise<WorkloadSocket> {
    const socket = new WorkloadSocket(options);
    await socket.#listen();
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#recheck);
    this.#watcher?.close();
    await this.#repairing;
    this.#server?.close();
  }

  async #listen(): Promise<void> {
    const { path, onConnection } = this.#options;
    const server = createServer(onConnection);
    await listenOn(server, path);
    this.#server = server;
    this.#watch();
  }

  #watch(): void {
    this.#watcher?.close();
    try {
      this.#watcher = watch(dirname(this.#options.path), { persistent: false }, () => this.#check());
      this.#watcher.on("error", () => this.#checkSoon());
    } catch {
      this.#checkSoon();
    }
  }

  #check(): void {
    if (this.#closed || socketFileId(this.#options.path) !== undefined) return;
    this.#repairing ??= this.#repair().finally(() => {
      this.#repairing = undefined;
    });
  }

  #checkSoon(): void {
    clearTimeout(this.#recheck);
    if (this.#closed) return;
    this.#recheck = setTimeout(() => {
      this.#check();
    }, recheckMs);
  }

  async #repair(): Promise<void> {
    const { log, path } = this.#options;
    try {
      // First: closing removes whatever lies under the name.
      this.#server?.close();
      await this.#listen();
      log.warn("workload_socket_restored", { path });
    } catch (error) {
      log.error("workload_socket_lost", { path, error });
      this.#checkSoon();
    }
  }
}
