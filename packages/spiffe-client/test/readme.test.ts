// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { X509Source } from "../src/index.ts";
import { Authority } from "./authority.ts";
import { startEndpoint } from "./endpoint.ts";
import { greeter, greeting } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const example = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8").replaceAll(
    "@mayfly/spiffe-client",
    "../src/index.ts",
  );
  expect(readme).toContain(example.slice(example.indexOf("\n") + 1));
});

it("the README's example greets", async () => {
  const authority = await Authority.create("example.org");
  await using endpoint = await startEndpoint();
  endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [authority.issue("/greeter")] }));
  await using source = await X509Source.open({ address: endpoint.address });
  const server = greeter(source).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await greeting(source, "127.0.0.1", port)).toBe(
    "spiffe://example.org/greeter says: hello spiffe://example.org/greeter",
  );
  server.close();
});
