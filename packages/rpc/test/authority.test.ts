// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { healthService } from "../src/index.ts";
import { LocalServer } from "./harness.ts";
import { block, RawClient, text } from "./raw-client.ts";

/** HEADERS, DATA, HEADERS. */
const answered = [1, 0, 1];

async function withServer(test: (client: RawClient) => Promise<void>): Promise<void> {
  await using local = await LocalServer.health({ Check: () => ({ status: "SERVING" }) });
  expect(healthService.name).toBe("grpc.health.v1.Health");
  const client = new RawClient(local.path);
  await client.open();
  try {
    await test(client);
  } finally {
    client.close();
  }
}

describe("a client that sends the path of its socket as :authority", () => {
  it("is served, with a literal that goes to the table and by index afterwards", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")])))).toEqual(answered);
      expect(await client.call(block(Buffer.from([0x80 | 62])))).toEqual(answered);
    }));

  it("is served, with literals that go to no table, and with the name spelled out", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x01]), text("/a/b")])))).toEqual(answered);
      expect(await client.call(block(Buffer.concat([Buffer.from([0x11]), text("/a/b")])))).toEqual(answered);
      expect(await client.call(block(Buffer.concat([Buffer.from([0x40]), text(":authority"), text("/a/b")])))).toEqual(
        answered,
      );
    }));

  it("is served when the bytes come one by one", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")])), 1)).toEqual(
        answered,
      );
      expect(await client.call(block(Buffer.from([0x80 | 62])), 3)).toEqual(answered);
    }));

  it("is served when the frame has padding and priority", () =>
    withServer(async (client) => {
      const headers = block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")]));
      const padding = [Buffer.from([4, 0, 0, 0, 0, 15]), Buffer.alloc(4)] as const;
      expect(await client.call(headers, 1000, 0x4 | 0x8 | 0x20, padding)).toEqual(answered);
    }));

  it("is refused by the HTTP/2 library when the block goes on in another frame", () =>
    withServer(async (client) => {
      const headers = block(Buffer.concat([Buffer.from([0x41]), text("/run/agent.sock")]));
      expect(await client.call(headers, 1000, 0)).not.toEqual(answered);
    }));

  it("other clients are untouched", () =>
    withServer(async (client) => {
      expect(await client.call(block(Buffer.concat([Buffer.from([0x41]), text("localhost")])))).toEqual(answered);
    }));
});
