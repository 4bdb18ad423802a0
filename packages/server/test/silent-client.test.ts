// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { ServerUnderTest } from "./server-under-test.ts";

it("cuts off a client that connects and says nothing", { timeout: 20_000 }, async () => {
  await using under = await ServerUnderTest.start();
  const socket = connect(under.server.address.port, "127.0.0.1").on("error", () => undefined);
  await once(socket, "connect");
  const since = performance.now();
  await once(socket.resume(), "close");
  expect(performance.now() - since).toBeLessThan(15_000);
});
