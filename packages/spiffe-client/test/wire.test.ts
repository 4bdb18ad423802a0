// SPDX-License-Identifier: Apache-2.0
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { expectCode, FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { X509Source } from "../src/sources/x509-source.ts";
import { WorkloadApiClient } from "../src/workload-api/workload-api-client.ts";

const own = TestCa.create();

/** A server of TCP on this host; `serve` gets each connection. */
async function listen(serve: (socket: Socket) => void): Promise<{ server: Server; address: string }> {
  const server = createServer((socket) => serve(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("the connection to the endpoint", () => {
  it("ENDPOINT-01: is gRPC over a Unix socket, or over TCP", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca: own }] });
    const { server, address } = await listen((socket) => {
      const unix = connect(api.path).on("error", () => undefined);
      socket.pipe(unix).pipe(socket);
    });
    for (const each of [api.address, `unix:${api.path}`, address]) {
      await using source = await X509Source.open({ address: each });
      expect(source.svid.id.path).toBe("/workload");
    }
    server.close();
  });

  it("ENDPOINT-06: begins with HTTP/2 in clear text, without TLS", async () => {
    const first = Promise.withResolvers<Buffer>();
    const { server, address } = await listen((socket) => void socket.once("data", first.resolve));
    using client = WorkloadApiClient.open({ address });
    const call = client.fetchX509Context({ timeoutMs: 5000 });
    expect((await first.promise).subarray(0, 16).toString()).toBe("PRI * HTTP/2.0\r\n");
    client.close();
    await expectCode(call, "UNAVAILABLE");
    server.close();
  });

  it("ENDPOINT-18: is used for the Workload API and nothing else", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca: own }] });
    await using source = await X509Source.open({ address: api.address });
    expect(source.health.state).toBe("connected");
    expect(api.calls.map(({ method }) => method)).toEqual(["FetchX509SVID"]);
  });
});
