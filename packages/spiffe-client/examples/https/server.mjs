// SPDX-License-Identifier: Apache-2.0
// An HTTPS server for every workload of its own trust domain.  SPIFFE_ENDPOINT_SOCKET=unix:///… node server.mjs
import { createHttpsServer, memberOf, requestPeer, X509Source } from "@mayfly/spiffe-client";

const source = await X509Source.open();
const policy = {
  source,
  authorize: memberOf(source.svid.id.trustDomain),
  onRefused: (error) => console.log(`refused: ${error.code} ${error.message}`),
  onConnectionEnd: ({ reason, peer, closesAt }) =>
    console.log(`${peer.id} ends: ${reason} by ${closesAt.toISOString()}`),
};

const server = createHttpsServer(policy, (request, response) => {
  response.end(`hello ${requestPeer(request).id}\n`);
});
server.listen(process.env.PORT ?? 8443, () => console.log(`${source.svid.id} listens on ${server.address().port}`));
