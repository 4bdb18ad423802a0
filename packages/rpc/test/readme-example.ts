// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server } from "node:net";
import { type HealthMethods, healthService, RpcChannel, RpcServer, served, StatusError } from "../src/index.ts";

/** A server for local clients. It owns no port: whoever accepts a connection says who the peer is. */
export function serveHealth(socketPath: string): { server: RpcServer<string>; listener: Server } {
  const health = served<HealthMethods, string>(healthService, {
    Check({ service }, { peer }) {
      if (service !== "") throw new StatusError(5, `${peer} asks for an unknown service`);
      return { status: "SERVING" };
    },
  });
  const server = new RpcServer<string>({ services: [health], reflection: true });
  const listener = createServer((socket) => void server.accept(socket, "a local process")).listen(socketPath);
  return { server, listener };
}

/** Asks it. Throws StatusError with code, text and details. */
export async function isServing(socketPath: string): Promise<boolean> {
  using channel = RpcChannel.open({ address: `unix://${socketPath}` });
  const { status } = await channel.unary(healthService.methods.Check, {}, { timeoutMs: 5000 });
  return status === "SERVING";
}
