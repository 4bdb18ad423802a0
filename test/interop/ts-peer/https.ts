// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from "node:http";
import { type Agent, request } from "node:https";
import { createHttpsServer, httpsAgent, requestPeer } from "@mayfly/spiffe-client";
import { type Client, listen, type Policy, type Reply, type Transport } from "./transport.ts";

class HttpsClient implements Client {
  readonly ended: Promise<void>;
  readonly #agent: Agent;
  readonly #url: string;
  readonly #sockets = new WeakSet();
  #end: () => void = () => undefined;

  constructor(address: string, policy: Policy) {
    this.#agent = httpsAgent(policy);
    this.#url = `https://${address}/`;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async request(): Promise<Reply> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(this.#url, { agent: this.#agent }, resolve).on("error", reject).end();
    });
    if (!this.#sockets.has(response.socket)) response.socket.once("close", () => this.#end());
    this.#sockets.add(response.socket);
    const peer = requestPeer(response);
    let seen = "";
    for await (const chunk of response) seen += String(chunk);
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}: ${seen}`);
    return { peer: peer.id.toString(), seen, serial: peer.chain[0]?.serialNumber.toString() };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** HTTP/1.1 over node:https. */
export const https: Transport = {
  serve: (policy) =>
    listen(createHttpsServer(policy, (request, response) => response.end(requestPeer(request).id.toString()))),
  open: (address, policy) => new HttpsClient(address, policy),
};
