// SPDX-License-Identifier: Apache-2.0
// Takes JWT-SVIDs as bearer tokens, where TLS ends at a proxy in front.  SPIFFE_ENDPOINT_SOCKET=unix:///… node server.mjs
import { createServer } from "node:http";
import { JwtSource } from "@mayfly/spiffe-client";

const source = await JwtSource.open();
const server = createServer((request, response) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  // Without a call, by the bundles that the source keeps; without `locally` the endpoint is asked.
  source.validate(token, { audience: "greeter", locally: true }).then(
    ({ id }) => response.end(`hello ${id}\n`),
    (error) => {
      console.log(`refused: ${error.code} ${error.message}`);
      response.writeHead(401).end();
    },
  );
});
server.listen(process.env.PORT ?? 8080, "127.0.0.1", () => console.log(`listens on ${server.address().port}`));
