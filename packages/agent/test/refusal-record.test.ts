// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { healthService, mayflyWorkloadService, RpcChannel, served } from "@mayfly/rpc";
import { createLogger } from "@mayfly/telemetry";
import { expect, it } from "vitest";
import { WorkloadEndpoint } from "../src/workload-api/workload-endpoint.ts";

it("WAP-D01: a call without the header leaves one record of who asked for what, and an honest one none", async () => {
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const directory = mkdtempSync(join(tmpdir(), "mayfly-record-"));
  const services = [
    served(healthService, { Check: () => ({ status: "SERVING" as const }) }),
    served(mayflyWorkloadService, { GetAgentStatus: () => ({}) }),
  ];
  const log = createLogger({ level: "info", format: "json", destination });
  await using endpoint = new WorkloadEndpoint({ services, log });
  await endpoint.listen(join(directory, "s"));
  using channel = RpcChannel.open({ address: `unix://${join(directory, "s")}` });
  await channel.unary(healthService.methods.Check, { service: "" });
  await expect(channel.unary(mayflyWorkloadService.methods.GetAgentStatus, {})).rejects.toMatchObject({ code: 3 });
  const metadata = { "workload.spiffe.io": "true" };
  await channel.unary(mayflyWorkloadService.methods.GetAgentStatus, {}, { metadata });
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({
      event: "workload_refused",
      method: "/mayfly.workload.v1.Introspection/GetAgentStatus",
      pid: process.pid,
      uid: process.getuid?.(),
      status: 3,
      reason: "HEADER_MISSING",
    }),
  ]);
  rmSync(directory, { recursive: true, force: true });
});
