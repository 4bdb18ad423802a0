// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "./clock.ts";
import type { ServerConfig } from "./config/server-config.ts";
import { ServerStateError } from "./errors.ts";
import type { ServerState } from "./state.ts";
import { AdminListener } from "./transport/admin-listener.ts";
import { localConnection } from "./transport/connection.ts";
import { ConnectionWatch } from "./transport/connection-watch.ts";
import { ClientVerifier } from "./transport/client-verifier.ts";
import type { ServerIdentity } from "./transport/server-identity.ts";
import { TlsListener } from "./transport/tls-listener.ts";
import type { Wired } from "./wire.ts";

const graceMs = 2000;

/** What a server is made of once it can be listened for. */
export interface Parts {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: ServerState;
  readonly identity: ServerIdentity;
  readonly wired: Wired;
}

/** The TLS port. Disposing gives open calls a moment. @throws {ServerStateError} LISTENER_FAILED */
export async function openTcp({
  config,
  clock,
  logger,
  state,
  identity,
  wired,
}: Parts): Promise<AsyncDisposable & { listener: TlsListener }> {
  const { host, port } = config.bind;
  const verifier = new ClientVerifier({ ...config, views: state.views, clock });
  const verify = verifier.verify.bind(verifier);
  const { authorizer, tcp } = wired;
  const watch = new ConnectionWatch({
    views: state.views,
    clock,
    verify,
    isOperator: (id) => authorizer.isOperator(id),
  });
  try {
    const listener = await TlsListener.open({
      host,
      port,
      material: identity.material(),
      verify,
      accept: (socket, connection) => tcp.accept(socket, connection),
      opened: (connection) => {
        watch.add(connection);
      },
      logger,
    });
    const close = async (): Promise<void> => {
      listener.close();
      watch[Symbol.dispose]();
      await tcp.close(graceMs);
    };
    return { listener, [Symbol.asyncDispose]: close };
  } catch (cause) {
    watch[Symbol.dispose]();
    throw new ServerStateError("LISTENER_FAILED", `${host}:${String(port)}: ${(cause as Error).message}`, { cause });
  }
}

/** The admin socket. Disposing gives open calls a moment. @throws {ServerStateError} SOCKET_PATH_UNSAFE */
export async function openAdmin({ config, wired }: Parts): Promise<AsyncDisposable & { admin: AdminListener }> {
  const { serverSocket: path, serverSocketGid: gid } = config;
  const admin = await AdminListener.open({ path, gid }, (socket) => {
    socket.on("error", () => undefined);
    wired.local.accept(socket, localConnection);
  });
  const close = async (): Promise<void> => {
    admin.close();
    await wired.local.close(graceMs);
  };
  return { admin, [Symbol.asyncDispose]: close };
}
