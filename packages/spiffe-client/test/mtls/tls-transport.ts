// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { connectTls, createTlsServer } from "../../src/index.ts";
import { listen } from "./listen.ts";
import { type Transport, waitOf } from "./transport.ts";

/** Lines over node:tls; the client keeps one connection and makes another when it is gone. */
export const tlsTransport: Transport = {
  name: "tls",
  bare: true,
  request: Buffer.from("hello\n"),
  answer: Buffer.from("hello\n"),
  async serve(options) {
    const seen: string[] = [];
    const open = new Set<TLSSocket>();
    const server = createTlsServer(options, (socket, { id }) => {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      const serve = async (text: string): Promise<void> => {
        seen.push(`${id.toString()} ${text}`);
        await sleep(waitOf(text));
        if (socket.writable) socket.write(`${id.toString()} ${text}\n`);
      };
      socket.on("data", (data: Buffer) => void serve(data.toString().trimEnd()));
    });
    return await listen(server, { seen, open });
  },
  client(options, port) {
    let socket: TLSSocket | undefined;
    return {
      async request(text) {
        if (socket === undefined || socket.destroyed || !socket.readable) {
          const opened = await connectTls({
            ...options,
            host: "127.0.0.1",
            port,
            onConnectionEnd(end, ending) {
              options.onConnectionEnd?.(end, ending);
              // As its owner may: no more is asked, what was asked is waited for.
              if (socket === ending) socket = undefined;
            },
          });
          socket = opened;
          socket.setEncoding("utf8");
          // What follows the handshake would else wait until its end is acknowledged, some 40 ms.
          socket.setNoDelay();
        }
        const asked = socket;
        asked.write(`${text}\n`);
        const ended = new AbortController();
        const [answer] = await Promise.race([
          once(asked, "data", { signal: ended.signal }),
          once(asked, "close", { signal: ended.signal }).then(() => {
            throw Object.assign(new Error("closed"), { code: "CLOSED" });
          }),
        ]).finally(() => ended.abort());
        return String(answer).trimEnd();
      },
      close() {
        socket?.destroy();
        return Promise.resolve();
      },
    };
  },
};
