// SPDX-License-Identifier: Apache-2.0
// A gRPC server for every workload of its own trust domain.  SPIFFE_ENDPOINT_SOCKET=unix:///… node server.mjs
import { Server } from "@grpc/grpc-js";
import { callPeer, memberOf, serverCredentials, X509Source } from "@mayfly/spiffe-client";
import { greeter } from "./greeter.mjs";

const source = await X509Source.open();
const credentials = serverCredentials({
  source,
  authorize: memberOf(source.svid.id.trustDomain),
  onRefused: (error) => console.log(`refused: ${error.code} ${error.message}`),
  onConnectionEnd: ({ reason, peer, closesAt }) =>
    console.log(`${peer.id} ends: ${reason} by ${closesAt.toISOString()}`),
});

const server = new Server();
server.addService(greeter, {
  sayHello: (call, done) => done(null, { text: `${call.request.greeting} ${callPeer(call).id}` }),
});
server.bindAsync(`0.0.0.0:${process.env.PORT ?? 8443}`, credentials, (error, port) => {
  if (error) throw error;
  console.log(`${source.svid.id} listens on ${port}`);
});
