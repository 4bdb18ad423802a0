// SPDX-License-Identifier: Apache-2.0
// HTTP/2 streams for every workload of its own trust domain.  SPIFFE_ENDPOINT_SOCKET=unix:///… node server.mjs
import { createHttp2Server, memberOf, requestPeer, X509Source } from "@mayfly/spiffe-client";

const source = await X509Source.open();
const policy = {
  source,
  authorize: memberOf(source.svid.id.trustDomain),
  onRefused: (error) => console.log(`refused: ${error.code} ${error.message}`),
  onConnectionEnd: ({ reason, peer, closesAt }) =>
    console.log(`${peer.id} ends: ${reason} by ${closesAt.toISOString()}`),
};

const server = createHttp2Server(policy, (stream) => {
  stream.respond({ ":status": 200 });
  stream.end(`hello ${requestPeer(stream).id}\n`);
});
server.listen(process.env.PORT ?? 8443, () => console.log(`${source.svid.id} listens on ${server.address().port}`));
