// SPDX-License-Identifier: Apache-2.0
import { anyPeer, createHttpsServer, verifiedPeer, X509Source } from "@mayfly/spiffe-client";

// A service that is suspended: tells its parent of its port, of each request, and of each connection that ends.

const source = await X509Source.open();
const server = createHttpsServer(
  {
    source,
    authorize: anyPeer(),
    onConnectionEnd: ({ reason }) => process.send?.({ ended: reason, at: Date.now() }),
  },
  (request, response) => {
    process.send?.({ served: request.url, to: verifiedPeer(request.socket)?.id.toString() });
    response.end("ok");
  },
);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : undefined });
});
