// SPDX-License-Identifier: Apache-2.0
// A request to one HTTP/2 server and nobody else.  node client.mjs spiffe://example.org/server
import { text } from "node:stream/consumers";
import { connectHttp2, exact, verifiedPeer, X509Source } from "@mayfly/spiffe-client";

const source = await X509Source.open();
const authorize = exact(process.argv[2]);
const session = await connectHttp2(`https://127.0.0.1:${process.env.PORT ?? 8443}`, { source, authorize });
const answer = await text(session.request({ ":path": "/" }));
console.log(`${verifiedPeer(session).id}: ${answer}`);
session.close();
await source[Symbol.asyncDispose]();
