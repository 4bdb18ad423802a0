// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { healthService, RpcChannel, served } from "@mayfly/rpc";
import { silentLogger } from "@mayfly/telemetry";
import { describe, expect, it } from "vitest";
import { WorkloadEndpoint } from "../src/workload-api/workload-endpoint.ts";

const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it did not come to that");
}

/** Connects as often as told, closes at once, some after a word that is no HTTP/2. */
const flood = `
  use IO::Socket::UNIX;
  for my $round (1..$ARGV[1]) {
    my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or next;
    print $s "GET / HTTP/1.1\\r\\n\\r\\n" if $round % 3 == 0;
    print $s "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" if $round % 3 == 1;
  }
`;

describe("the agent's socket", () => {
  it("WAP-D13, NET-D10: survives 10,000 connections that close at once or say nonsense, and keeps no descriptor", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mayfly-endpoint-"));
    const path = join(directory, "s");
    const health = served(healthService, { Check: () => ({ status: "SERVING" as const }) });
    await using endpoint = new WorkloadEndpoint({ services: [health], log: silentLogger });
    await endpoint.listen(path);
    const check = async (): Promise<unknown> => {
      using channel = RpcChannel.open({ address: `unix://${path}` });
      return (await channel.unary(healthService.methods.Check, { service: "" })).status;
    };
    expect(await check()).toBe("SERVING");
    await until(() => endpoint.connections === 0);
    const before = openDescriptors();
    const programs = [1, 2].map(() => spawn("/usr/bin/perl", ["-e", flood, path, "5000"], { stdio: "ignore" }));
    await Promise.all(programs.map((program) => once(program, "exit")));
    await until(() => endpoint.connections === 0 && openDescriptors() <= before + 5);
    expect(await check()).toBe("SERVING");
    rmSync(directory, { recursive: true, force: true });
  });

  it("does not let one user take all connections", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mayfly-endpoint-"));
    const path = join(directory, "s");
    await using endpoint = new WorkloadEndpoint({ services: [], log: silentLogger, maxConnectionsPerUid: 8 });
    await endpoint.listen(path);
    const sockets = Array.from({ length: 20 }, () =>
      connect(path)
        .on("error", () => undefined)
        .resume(),
    );
    await until(() => endpoint.connections === 8 && sockets.filter(({ closed }) => closed).length === 12);
    for (const socket of sockets) socket.destroy();
    await until(() => endpoint.connections === 0);
    rmSync(directory, { recursive: true, force: true });
  });
});
