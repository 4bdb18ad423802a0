// SPDX-License-Identifier: Apache-2.0
import { createInterface } from "node:readline";
import type { TLSSocket } from "node:tls";
import { connectTls, createTlsServer, verifiedPeer } from "@mayfly/spiffe-client";
import { type Client, listen, parts, type Policy, type Reply, type Transport } from "./transport.ts";

class TlsClient implements Client {
  readonly ended: Promise<void>;
  readonly #connect: () => Promise<TLSSocket>;
  #socket: TLSSocket | undefined;
  #lines: AsyncIterator<string> | undefined;
  #end: () => void = () => undefined;

  constructor(address: string, policy: Policy) {
    this.#connect = () => connectTls({ ...policy, ...parts(address) });
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async request(): Promise<Reply> {
    if (this.#socket === undefined) {
      this.#socket = await this.#connect();
      this.#socket.once("close", () => this.#end());
      this.#lines = createInterface({ input: this.#socket })[Symbol.asyncIterator]();
    }
    const socket = this.#socket;
    socket.write("hello\n");
    const line = await this.#lines?.next();
    if (line?.done !== false) throw new Error("the connection ended before the answer");
    const peer = verifiedPeer(socket);
    return { peer: peer?.id.toString(), seen: line.value, serial: peer?.chain[0]?.serialNumber.toString() };
  }

  close(): void {
    this.#socket?.destroy();
  }
}

/** Lines over raw TLS. */
export const tls: Transport = {
  serve: (policy) =>
    listen(
      createTlsServer(policy, (socket, peer) => {
        createInterface({ input: socket }).on("line", () => socket.write(`${peer.id.toString()}\n`));
      }),
    ),
  open: (address, policy) => new TlsClient(address, policy),
};
