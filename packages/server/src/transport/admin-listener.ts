// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@mayfly/telemetry";
import { type AdminSocketOptions, openAdminSocket } from "./admin-socket.ts";

const checkMs = 2000;

/** Listens on the admin socket, and again when somebody deleted its file. Connections belong to whoever takes them over. */
export class AdminListener {
  readonly #options: AdminSocketOptions;
  readonly #accept: (socket: Socket) => void;
  #server: Server;

  private constructor(options: AdminSocketOptions, accept: (socket: Socket) => void, server: Server) {
    this.#options = options;
    this.#accept = accept;
    this.#server = server;
  }

  /** @throws {ServerStateError} SOCKET_PATH_UNSAFE */
  static async open(options: AdminSocketOptions, accept: (socket: Socket) => void): Promise<AdminListener> {
    return new AdminListener(options, accept, await openAdminSocket(options, accept));
  }

  /** Looks after the socket's file until the signal. */
  async run(signal: AbortSignal, logger: Logger): Promise<void> {
    while (!signal.aborted) {
      if (!existsSync(this.#options.path)) await this.#openAgain(logger);
      await sleep(checkMs, undefined, { signal, ref: false }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  close(): void {
    this.#server.close();
  }

  async #openAgain(logger: Logger): Promise<void> {
    // Before the new one is there: closing removes whatever file has the name.
    this.#server.close();
    try {
      this.#server = await openAdminSocket(this.#options, this.#accept);
      logger.warn("admin_socket_restored", { path: this.#options.path });
    } catch (error) {
      logger.error("admin_socket_lost", { path: this.#options.path, error: (error as Error).message });
    }
  }
}
