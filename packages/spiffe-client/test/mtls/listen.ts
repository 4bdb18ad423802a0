// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Server, TLSSocket } from "node:tls";
import type { Served } from "./transport.ts";

/** What a server notes of its clients: what they said, and those that are connected. */
export interface Noted {
  readonly seen: string[];
  readonly open: Set<TLSSocket>;
}

/** Has the server listen on a port of 127.0.0.1. */
export async function listen(server: Server, { seen, open }: Noted): Promise<Served> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => open.size,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
