// SPDX-License-Identifier: Apache-2.0
import type { ClientHttp2Session } from "node:http2";
import { connectHttp2, createHttp2Server, requestPeer, verifiedPeer } from "@mayfly/spiffe-client";
import { type Client, listen, type Policy, type Reply, type Transport } from "./transport.ts";

class Http2Client implements Client {
  readonly ended: Promise<void>;
  readonly #connect: () => Promise<ClientHttp2Session>;
  #session: ClientHttp2Session | undefined;
  #end: () => void = () => undefined;

  constructor(address: string, policy: Policy) {
    this.#connect = () => connectHttp2(`https://${address}`, policy);
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async request(): Promise<Reply> {
    // A session that takes no more requests makes room for the next, as its user has to do.
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = await this.#connect();
      this.#session.on("error", () => undefined);
      this.#session.once("close", () => this.#end());
    }
    const session = this.#session;
    const stream = session.request({ ":path": "/" });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      stream.once("response", (headers) => resolve(headers[":status"]));
      stream.once("error", reject);
      stream.once("close", () => reject(new Error("the stream ended before the answer")));
    });
    let seen = "";
    for await (const chunk of stream) seen += String(chunk);
    if (status !== 200) throw new Error(`status ${status}: ${seen}`);
    const peer = verifiedPeer(session);
    return { peer: peer?.id.toString(), seen, serial: peer?.chain[0]?.serialNumber.toString() };
  }

  close(): void {
    this.#session?.destroy();
  }
}

/** HTTP/2 over node:http2. */
export const http2: Transport = {
  serve: (policy) =>
    listen(
      createHttp2Server(policy, (stream) => {
        stream.respond({ ":status": 200 });
        stream.end(requestPeer(stream).id.toString());
      }),
    ),
  open: (address, policy) => new Http2Client(address, policy),
};
