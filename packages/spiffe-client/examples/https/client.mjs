// SPDX-License-Identifier: Apache-2.0
// https.get from one server and nobody else.  node client.mjs spiffe://example.org/server
import { once } from "node:events";
import { get } from "node:https";
import { text } from "node:stream/consumers";
import { exact, httpsAgent, requestPeer, X509Source } from "@mayfly/spiffe-client";

const source = await X509Source.open();
const agent = httpsAgent({ source, authorize: exact(process.argv[2]) });
const [response] = await once(get({ host: "127.0.0.1", port: process.env.PORT ?? 8443, agent }), "response");
console.log(`${requestPeer(response).id}: ${await text(response)}`);
agent.destroy();
await source[Symbol.asyncDispose]();
