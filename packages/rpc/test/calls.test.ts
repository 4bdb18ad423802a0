// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Handlers,
  healthService,
  type HealthMethods,
  RpcChannel,
  RpcServer,
  served,
  StatusError,
} from "../src/index.ts";

let directory: string;
let listener: Server;
let server: RpcServer<number>;
let channel: RpcChannel;

async function start(handlers: Handlers<HealthMethods, number>): Promise<void> {
  server = new RpcServer({ services: [served(healthService, handlers)] });
  let accepted = 0;
  listener = createServer((socket) => void server.accept(socket, ++accepted));
  const path = join(directory, "s.sock");
  listener.listen(path);
  await once(listener, "listening");
  channel = RpcChannel.open({ address: `unix://${path}` });
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "rpc-"));
});
afterEach(async () => {
  channel.close();
  listener.close();
  await server.close(100);
  rmSync(directory, { recursive: true });
});

describe("an RpcServer", () => {
  it("answers unary calls", async () => {
    await start({
      Check: ({ service }, { peer }) => ({ status: service === "a" && peer === 1 ? "SERVING" : "NOT_SERVING" }),
    });
    expect(await channel.unary(healthService.methods.Check, { service: "a" })).toEqual({ status: "SERVING" });
    await expect(channel.unary(healthService.methods.List, {})).rejects.toMatchObject({
      code: 12,
      message: "method List not implemented",
    });
  });
  it("streams", async () => {
    await start({
      async *Watch() {
        yield { status: "SERVING" };
        yield { status: "NOT_SERVING" };
        throw new StatusError(14, "gone", [{ typeUrl: "x", value: Buffer.from("y") }]);
      },
    });
    const seen: unknown[] = [];
    const error = await (async () => {
      for await (const m of channel.serverStream(healthService.methods.Watch, {})) seen.push(m.status);
    })().catch((e: unknown) => e);
    expect(seen).toEqual(["SERVING", "NOT_SERVING"]);
    expect(error).toMatchObject({ code: 14, message: "gone", details: [{ typeUrl: "x", value: Buffer.from("y") }] });
  });
});
