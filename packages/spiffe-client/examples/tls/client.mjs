// SPDX-License-Identifier: Apache-2.0
// Talks to one server and nobody else.  node client.mjs spiffe://example.org/server
import { text } from "node:stream/consumers";
import { connectTls, exact, verifiedPeer, X509Source } from "@mayfly/spiffe-client";

const source = await X509Source.open();
const authorize = exact(process.argv[2]);
const socket = await connectTls({ source, authorize, host: "127.0.0.1", port: Number(process.env.PORT ?? 8443) });
socket.end("hello");
console.log(`${verifiedPeer(socket).id}: ${await text(socket)}`);
await source[Symbol.asyncDispose]();
