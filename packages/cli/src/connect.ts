// SPDX-License-Identifier: Apache-2.0
import type { Connection, ServerConnection } from "./connection.ts";
import type { ListenerChoice } from "./mtls.ts";

/** Uses a connection and closes it. */
export async function withConnection<C extends Connection, T>(
  opening: Promise<C>,
  use: (connection: C) => Promise<T>,
): Promise<T> {
  await using connection = await opening;
  return await use(connection);
}

/** Opens the admin socket of a server. */
export async function connectServer(address: string, signal: AbortSignal): Promise<ServerConnection> {
  const { openServer } = await import("./channel.ts");
  return openServer(address, signal);
}

/** Opens the listener of a server over mTLS with an SVID of a Workload API. */
export async function connectListener(choice: ListenerChoice, signal: AbortSignal): Promise<ServerConnection> {
  const { openListener } = await import("./mtls.ts");
  return openListener(choice, signal);
}

/** Opens an agent's Workload API socket for calls beside the Workload API. */
export async function connectWorkload(address: string, signal: AbortSignal): Promise<Connection> {
  const { openWorkload } = await import("./channel.ts");
  return openWorkload(address, signal);
}
