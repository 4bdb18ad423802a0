// SPDX-License-Identifier: Apache-2.0
// express 5: everybody of the trust domain may come in, one workload may do more.  Needs express. The client is ../https or ../fetch.
import { createHttpsServer, matchPath, memberOf, requestPeer, X509Source } from "@mayfly/spiffe-client";
import express from "express";

const source = await X509Source.open();
const { trustDomain } = source.svid.id;
const isAdmin = matchPath(`${trustDomain.idString}/admin/*`);

const app = express();
app.get("/", (request, response) => response.send(`hello ${requestPeer(request).id}\n`));
app.use("/admin", (request, response, next) => (isAdmin(requestPeer(request).id) ? next() : response.sendStatus(403)));
app.get("/admin", (_request, response) => response.send("welcome\n"));

const server = createHttpsServer({ source, authorize: memberOf(trustDomain) }, app);
server.listen(process.env.PORT ?? 8443, () => console.log(`${source.svid.id} listens on ${server.address().port}`));
