// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ChannelOptions,
  type Handlers,
  type HealthMethods,
  healthService,
  RpcChannel,
  RpcServer,
  type RpcServerOptions,
  served,
} from "../src/index.ts";

/** The peer of each connection in these tests: the how-manieth it was. */
export type Peer = number;

/** A server on a Unix socket in a directory of its own. */
export class LocalServer implements AsyncDisposable {
  readonly server: RpcServer<Peer>;
  readonly path: string;
  readonly #directory: string;
  readonly #listener: Server;
  readonly #channels: RpcChannel[] = [];
  accepted = 0;

  private constructor(options: RpcServerOptions<Peer>) {
    this.server = new RpcServer(options);
    this.#directory = mkdtempSync(join(tmpdir(), "rpc-"));
    this.path = join(this.#directory, "server.sock");
    this.#listener = createServer((socket) => void this.server.accept(socket, ++this.accepted));
  }

  static async start(options: RpcServerOptions<Peer>): Promise<LocalServer> {
    const started = new LocalServer(options);
    started.#listener.listen(started.path);
    await once(started.#listener, "listening");
    return started;
  }

  /** A server of gRPC health, whose methods are of every kind that these tests need. */
  static health(
    handlers: Handlers<HealthMethods, Peer>,
    options: Partial<RpcServerOptions<Peer>> = {},
  ): Promise<LocalServer> {
    return LocalServer.start({ ...options, services: [served(healthService, handlers)] });
  }

  open(options: Omit<ChannelOptions, "address"> = {}): RpcChannel {
    const channel = RpcChannel.open({ address: `unix://${this.path}`, ...options });
    this.#channels.push(channel);
    return channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels) channel.close();
    this.#listener.close();
    await this.server.close(50);
    rmSync(this.#directory, { recursive: true });
  }
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("did not reject");
    },
    (error: unknown) => error,
  );
}

/** Everything that an iterable gives, and what it threw. */
export async function drain<T>(iterable: AsyncIterable<T>): Promise<{ items: T[]; error: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of iterable) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}
