// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { anyPeer, createHttpsServer, exact, verifiedPeer, X509Source } from "../src/index.ts";
import { createDispatcher, createFetch } from "../src/undici.ts";
import { codeOf } from "./mtls/transport.ts";
import { transports } from "./mtls/transports.ts";

// Run by the node that is to be tried: prints what each transport and fetch make of a server, as JSON, and has to exit by itself.

/** What happened, by name. */
const report: Record<string, string> = {};
const source = await X509Source.open();
const policy = { source, authorize: anyPeer() };

for (const transport of transports) {
  const served = await transport.serve(policy);
  const client = transport.client(policy, served.port);
  const first = await client.request("one");
  // Meanwhile the connection was judged again.
  await sleep(20);
  report[transport.name] = `${first}, ${await client.request("two")}, ${served.connections()} open`;
  await client.close();
  await served.close();
}

const server = createHttpsServer(policy, (request, response) => {
  const peer = verifiedPeer(request.socket)?.id.toString() ?? "nobody";
  request
    .setEncoding("utf8")
    .toArray()
    .then(
      (parts) => response.end(`${request.method ?? ""} ${peer} ${parts.join("").length > 0 ? "body" : "no body"}`),
      () => response.destroy(),
    );
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const bound = server.address();
const url = `https://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}/`;

const dispatcher = createDispatcher(policy);
const strict = createDispatcher({ source, authorize: exact("spiffe://example.org/other") });
const init = { dispatcher } as unknown as RequestInit;
report["global fetch"] = await (await fetch(url, init)).text();
report["global fetch with a body"] = await (await fetch(url, { ...init, method: "POST", body: "x" })).text();
report["global fetch, refused"] = await fetch(url, { dispatcher: strict } as unknown as RequestInit).then(
  () => "answered",
  (error: unknown) => codeOf(error) ?? String(error),
);

const ownFetch = createFetch(policy);
const form = new FormData();
form.set("file", new Blob(["x"]), "x.txt");
report["createFetch"] = await (await ownFetch(url)).text();
report["createFetch with a Request"] = await (
  await ownFetch(new Request(url, { method: "PUT", body: "x", headers: { a: "b" } }))
).text();
report["createFetch with a form"] = await (await ownFetch(url, { method: "POST", body: form })).text();

await dispatcher.close();
await strict.close();
server.close();
server.closeIdleConnections();
await source[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify(report));
