// SPDX-License-Identifier: Apache-2.0
import { TLSSocket } from "node:tls";
import { queryObjects } from "node:v8";
import { TestCa } from "@mayfly/testkit";
import { expect, it } from "vitest";
import { ConnectionGuard } from "../src/connections/connection-guard.ts";
import { anyPeer } from "../src/index.ts";
import { transports } from "./mtls/transports.ts";
import { sourceOf } from "./mtls/workload.ts";

/** 1,000 for the record (MAYFLY_CONNECTIONS=1000); enough here to notice. */
const connections = Number(process.env["MAYFLY_CONNECTIONS"] ?? 100);

// Each of the two walks the whole heap.
const sockets = (): number => queryObjects(TLSSocket, { format: "count" });
const guards = (): number => queryObjects(ConnectionGuard, { format: "count" });
/** Handles that keep the process running. */
const resources = (): number => process.getActiveResourcesInfo().length;

it.each(transports)("$name: many connections leave nothing behind", async (transport) => {
  const ca = TestCa.create();
  const policy = { source: sourceOf(ca.issue("/workload"), [ca]), authorize: anyPeer() };
  const before = { sockets: sockets(), guards: guards(), resources: resources() };
  const served = await transport.serve(policy);
  for (let n = 0; n < connections; n++) {
    const client = transport.client(policy, served.port);
    await client.request("hello");
    await client.close();
  }
  await served.close();
  // Some are in the hands of node until something else takes their place.
  await expect.poll(() => sockets() - before.sockets, { timeout: 10_000, interval: 500 }).toBeLessThan(10);
  expect(guards() - before.guards).toBeLessThan(10);
  expect(resources() - before.resources).toBeLessThan(10);
});
