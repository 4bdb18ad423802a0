// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { createHttpsServer, httpsAgent } from "../../src/index.ts";
import { http1Answer, http1Request, serveHttp } from "./http-server.ts";
import type { Transport } from "./transport.ts";

/** node:https with an agent that keeps connections. */
export const httpsTransport: Transport = {
  name: "https",
  request: http1Request,
  answer: http1Answer,
  serve: (options) => serveHttp(createHttpsServer(options)),
  client(options, port) {
    const agent = httpsAgent(options);
    return {
      async request(said) {
        const sent = request({ host: "127.0.0.1", port, agent, method: "POST" });
        sent.end(said);
        const [response] = (await once(sent, "response")) as [IncomingMessage];
        return await text(response);
      },
      close() {
        agent.destroy();
        return Promise.resolve();
      },
    };
  },
};
