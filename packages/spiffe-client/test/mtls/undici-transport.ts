// SPDX-License-Identifier: Apache-2.0
import { fetch, request } from "undici";
import { createHttp2Server, createHttpsServer } from "../../src/index.ts";
import { createDispatcher } from "../../src/undici.ts";
import { http1Answer, http1Request, serveHttp } from "./http-server.ts";
import type { Transport } from "./transport.ts";

/** undici's request. */
export const undiciTransport: Transport = {
  name: "undici",
  request: http1Request,
  answer: http1Answer,
  serve: (options) => serveHttp(createHttpsServer(options)),
  client(options, port) {
    const dispatcher = createDispatcher(options);
    return {
      async request(said) {
        const { body } = await request(`https://127.0.0.1:${port}/`, { dispatcher, method: "POST", body: said });
        return await body.text();
      },
      close: () => dispatcher.destroy(),
    };
  },
};

/** undici's fetch over HTTP/2. */
export const undiciHttp2Transport: Transport = {
  ...undiciTransport,
  name: "undici over HTTP/2",
  serve: (options) => serveHttp(createHttp2Server({ ...options, allowHTTP1: true })),
  client(options, port) {
    const dispatcher = createDispatcher({ ...options, allowH2: true });
    return {
      async request(said) {
        const response = await fetch(`https://127.0.0.1:${port}/`, { dispatcher, method: "POST", body: said });
        return await response.text();
      },
      close: () => dispatcher.destroy(),
    };
  },
};

/** The fetch of the node that runs the test. */
export const fetchTransport: Transport = {
  ...undiciTransport,
  name: "fetch",
  client(options, port) {
    const dispatcher = createDispatcher(options);
    return {
      async request(said) {
        const init = { dispatcher, method: "POST", body: said } as unknown as RequestInit;
        const response = await globalThis.fetch(`https://127.0.0.1:${port}/`, init);
        return await response.text();
      },
      close: () => dispatcher.destroy(),
    };
  },
};
