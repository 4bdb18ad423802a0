// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { answerUnknownMethods } from "./unknown-method.ts";

/** Published limits of every listener. */
const options: grpc.ServerOptions = {
  "grpc.max_concurrent_streams": 100,
  "grpc.max_receive_message_length": 4 * 1024 * 1024,
  "grpc.max_connection_age_ms": 3_600_000,
  "grpc.max_connection_age_grace_ms": 30_000,
  "grpc.max_connection_idle_ms": 300_000,
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
};

/** One service with the handlers of its methods. */
export interface ServedService {
  readonly definition: grpc.ServiceDefinition;
  readonly handlers: grpc.UntypedServiceImplementation;
}

/** A gRPC server that owns no port: listeners hand it connections that they accepted. */
export class GrpcServer {
  readonly #server = new grpc.Server(options);
  readonly #injector: ReturnType<grpc.Server["createConnectionInjector"]>;

  constructor(services: readonly ServedService[]) {
    for (const { definition, handlers } of services) this.#server.addService(definition, handlers);
    answerUnknownMethods(
      this.#server,
      services.map(({ definition }) => definition),
    );
    this.#injector = this.#server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  }

  accept(socket: Duplex): void {
    this.#injector.injectConnection(socket);
  }

  /** Sends GOAWAY, waits for open calls up to the grace time, then cuts them. */
  async close(graceMs: number): Promise<void> {
    this.#injector.drain(graceMs);
    this.#injector.destroy();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#server.forceShutdown();
        resolve();
      }, graceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
