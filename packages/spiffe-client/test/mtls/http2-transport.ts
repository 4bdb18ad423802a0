// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type ClientHttp2Session, constants } from "node:http2";
import { text } from "node:stream/consumers";
import { connectHttp2, createHttp2Server } from "../../src/index.ts";
import { http2Answer, http2Request, serveHttp } from "./http-server.ts";
import type { Transport } from "./transport.ts";

/** node:http2; the client keeps a session and makes another when it takes no more requests. */
export const http2Transport: Transport = {
  name: "http2",
  alpn: ["h2"],
  request: http2Request,
  answer: http2Answer,
  serve: (options) => serveHttp(createHttp2Server(options)),
  client(options, port) {
    let session: ClientHttp2Session | undefined;
    return {
      async request(said) {
        if (session === undefined || session.closed || session.destroyed) {
          session = await connectHttp2(`https://127.0.0.1:${port}`, options);
          session.on("error", () => undefined);
        }
        const stream = session.request({ ":method": "POST", ":path": "/" });
        stream.end(said);
        // A stream that is refused or cut ends without an answer.
        stream.once("close", () => stream.emit("response"));
        await once(stream, "response");
        const answer = await text(stream);
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || answer === "")
          throw new Error(`stream error ${stream.rstCode}`);
        return answer;
      },
      close() {
        session?.destroy();
        return Promise.resolve();
      },
    };
  },
};
