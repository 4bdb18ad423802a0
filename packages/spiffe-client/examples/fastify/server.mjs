// SPDX-License-Identifier: Apache-2.0
// fastify 5: everybody of the trust domain may come in, one workload may do more.  Needs fastify. The client is ../https or ../fetch.
import { createHttpsServer, matchPath, memberOf, requestPeer, X509Source } from "@mayfly/spiffe-client";
import Fastify from "fastify";

const source = await X509Source.open();
const { trustDomain } = source.svid.id;
const isAdmin = matchPath(`${trustDomain.idString}/admin/*`);

const app = Fastify({
  serverFactory: (handler) => createHttpsServer({ source, authorize: memberOf(trustDomain) }, handler),
});
app.get("/", (request) => `hello ${requestPeer(request).id}\n`);
app.get("/admin", (request, reply) => (isAdmin(requestPeer(request).id) ? "welcome\n" : reply.code(403).send()));

await app.listen({ port: Number(process.env.PORT ?? 8443), host: "0.0.0.0" });
console.log(`${source.svid.id} listens on ${app.server.address().port}`);
