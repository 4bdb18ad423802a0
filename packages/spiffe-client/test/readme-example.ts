// SPDX-License-Identifier: Apache-2.0
import { connectTls, createTlsServer, memberOf, oneOf, verifiedPeer, type X509Source } from "../src/index.ts";
import type { Server } from "node:tls";

/** Greets every workload of its own trust domain by name. The source is opened once: `await using source = await X509Source.open()`. */
export function greeter(source: X509Source): Server {
  return createTlsServer({ source, authorize: memberOf(source.svid.id.trustDomain) }, (socket, peer) => {
    socket.end(`hello ${peer.id.toString()}`);
  });
}

/** Asks the greeter, and nobody else: not a byte is sent before the server proved who it is. */
export async function greeting(source: X509Source, host: string, port: number): Promise<string> {
  const socket = await connectTls({ source, authorize: oneOf("spiffe://example.org/greeter"), host, port });
  let text = `${verifiedPeer(socket)?.id.toString() ?? ""} says: `;
  for await (const chunk of socket.setEncoding("utf8")) text += String(chunk);
  return text;
}
