// SPDX-License-Identifier: Apache-2.0
// Shows a JWT-SVID for the audience "greeter", the same token until half of its life.  node client.mjs
import { JwtSource } from "@mayfly/spiffe-client";

const source = await JwtSource.open();
const { token } = await source.fetchSvid({ audience: "greeter" });
const response = await fetch(`http://127.0.0.1:${process.env.PORT ?? 8080}/`, {
  headers: { authorization: `Bearer ${token}` },
});
console.log(response.status, await response.text());
await source[Symbol.asyncDispose]();
