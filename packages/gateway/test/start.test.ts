// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { starterPolicies, writeManifest } from "@mayfly/policy";
import { silentLogger } from "@mayfly/telemetry";
import { expectCode, FakeWorkloadApi } from "@mayfly/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "../src/index.ts";
import { rawAgent } from "./world/agent.ts";
import { type FakeTaskServer, startFakeTaskServer } from "./world/fake-task-server.ts";
import { ca, idOf, identity } from "./world/identities.ts";
import { configOf, configValues, taskOf, writePolicies } from "./world/world.ts";

let server: FakeTaskServer;
let directory = "";
const log = silentLogger;

beforeAll(async () => {
  server = await startFakeTaskServer();
  directory = mkdtempSync(join(tmpdir(), "mayfly-gateway-"));
  writePolicies(join(directory, "policy"));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const values = (over: object = {}) => ({
  ...configValues(directory, "https://127.0.0.1:1/mcp", server.address),
  ...over,
});

function writeRevision(revision: number): void {
  writeFileSync(join(directory, "policy", "manifest.json"), writeManifest(starterPolicies(), revision));
}

describe("a policy bundle", () => {
  it("that was rolled back is refused by a reload, and after a restart", async () => {
    const config = configOf(values());
    writeRevision(7);
    {
      await using gateway = await startGateway(config, { source: identity("/gateway"), log });
      writeRevision(6);
      expect(gateway.reload(config)).toBe(false);
      writeRevision(8);
      expect(gateway.reload(config)).toBe(true);
    }
    writeRevision(7);
    await expectCode(() => startGateway(config, { source: identity("/gateway"), log }), "POLICY_UNREADABLE");
    writeRevision(8);
    await using again = await startGateway(config, { source: identity("/gateway"), log });
    expect(again.port).toBeGreaterThan(0);
  });

  it("older than policy_min_revision is refused on a machine that never saw a later one", async () => {
    writeRevision(8);
    const data_dir = join(directory, "fresh");
    const start = (least: number) =>
      startGateway(configOf(values({ data_dir, policy_min_revision: least })), { source: identity("/gateway"), log });
    await expectCode(() => start(9), "POLICY_UNREADABLE");
    await (await start(8)).stop();
    expect(readFileSync(join(data_dir, "policy-revision"), "utf8")).toBe("8\n");
  });

  it("is not judged by a mark that is damaged", async () => {
    const config = configOf(values({ data_dir: join(directory, "fresh") }));
    writeFileSync(join(directory, "fresh", "policy-revision"), "eight\n");
    await expectCode(() => startGateway(config, { source: identity("/gateway"), log }), "POLICY_UNREADABLE");
  });
});

describe("spiffe_id", () => {
  it("names which of several identities the gateway shows and speaks with", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({
      svids: [
        { ca, path: "/other" },
        { ca, path: "/gateway" },
      ],
    });
    const config = configOf(values({ workload_socket: api.path, spiffe_id: idOf("/gateway") }));
    const task = taskOf({});
    server.push(task.standing);
    await using gateway = await startGateway(config, { log });
    await gateway.ready;
    // The agent and the server take `/gateway` only.
    using agent = rawAgent({ url: `https://127.0.0.1:${gateway.port}` }, task.path);
    expect((await agent.mcp("server/discover")).status).toBe(200);
  });

  it("that this process does not have is told with those that it has", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca, path: "/other" }] });
    const config = configOf(values({ workload_socket: api.path, spiffe_id: idOf("/gateway") }));
    await expect(startGateway(config, { log })).rejects.toMatchObject({
      code: "NO_IDENTITY",
      message: expect.stringContaining(idOf("/other")),
    });
  });
});
