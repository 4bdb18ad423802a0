// SPDX-License-Identifier: Apache-2.0
// fetch from one HTTPS server and nobody else; needs undici. Any server of ../https, ../express or ../fastify answers.
// node client.mjs spiffe://example.org/server
import { exact, X509Source } from "@mayfly/spiffe-client";
import { createDispatcher } from "@mayfly/spiffe-client/undici";

const source = await X509Source.open();
const dispatcher = createDispatcher({ source, authorize: exact(process.argv[2]) });
const response = await fetch(`https://127.0.0.1:${process.env.PORT ?? 8443}/`, { dispatcher });
console.log(await response.text());
await dispatcher.close();
await source[Symbol.asyncDispose]();
