// SPDX-License-Identifier: Apache-2.0
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunningAgent } from "@mayfly/agent";
import { agentService, mayflyWorkloadService, type RpcChannel, workloadApiService } from "@mayfly/rpc";
import { Certificate } from "@mayfly/x509";
import { describe, expect, it } from "vitest";
import {
  idMessage,
  nextOf,
  openWorkload,
  refusalOf,
  startTestAgent,
  TestDirectory,
  TestServer,
  TestSystem,
  until,
  watchX509,
} from "./system.ts";

const signal = (): AbortSignal => AbortSignal.timeout(20_000);

async function statusOf(channel: RpcChannel) {
  return channel.unary(mayflyWorkloadService.methods.GetAgentStatus, {});
}

describe("the agent", () => {
  it("serves what is valid while its server is away, says 14 and never 7, and recovers by itself", async () => {
    using directory = new TestDirectory();
    const first = await TestServer.start(directory);
    const { port } = first.running.address;
    const enrolment = directory.secret("enrolment", await first.enrolment());
    await using agent = await startTestAgent(directory, { enrolment });
    await agent.ready({ signal: signal() });
    await first.createEntry(agent.agentId ?? "", "/steady");
    using channel = openWorkload(agent.socketPath);
    const stream = watchX509(channel, 60_000);
    const [before] = (await nextOf(stream)).svids;
    await first[Symbol.asyncDispose]();
    await until(async () => !(await statusOf(channel)).connected);
    const [during] = (await nextOf(watchX509(channel))).svids;
    expect(during?.x509_svid).toEqual(before?.x509_svid);
    // An identity that is not there yet can't be had, and that is no refusal.
    const request = { audience: ["a"] };
    expect((await refusalOf(channel.unary(workloadApiService.methods.FetchJWTSVID, request))).code).toBe(14);
    await using second = await TestServer.start(directory, { bind: `127.0.0.1:${port}` });
    await until(async () => (await statusOf(channel)).synced, 30_000);
    await second.createEntry(agent.agentId ?? "", "/after");
    expect((await nextOf(stream)).svids).toHaveLength(2);
  });

  it("starts again on its state, without a token, and never stores keys of workloads", async () => {
    await using system = await TestSystem.start();
    await system.createEntry("/kept");
    const dataDir = system.directory.file("agent");
    const id = system.agentId;
    let served: Buffer | undefined;
    {
      using channel = system.openWorkload();
      served = (await nextOf(watchX509(channel))).svids[0]?.x509_svid_key;
    }
    await system.agent.stop();
    rmSync(system.directory.file("enrolment"));
    for (const name of readdirSync(dataDir)) {
      const file = join(dataDir, name);
      expect(statSync(file).mode & 0o077, name).toBe(0);
      expect(readFileSync(file, "utf8")).not.toContain(served?.toString("base64"));
    }
    await using again = await startTestAgent(system.directory, { enrolment: system.directory.file("enrolment") });
    using channel = openWorkload(again.socketPath);
    expect((await nextOf(watchX509(channel))).svids[0]?.spiffe_id).toBe("spiffe://example.org/kept");
    expect(again.agentId).toBe(id);
  });

  it("starts before its server on what it has, and serves the waiting caller when the server is there", async () => {
    using directory = new TestDirectory();
    const first = await TestServer.start(directory);
    const { port } = first.running.address;
    const enrolment = directory.secret("enrolment", await first.enrolment());
    {
      await using agent = await startTestAgent(directory, { enrolment });
      await agent.ready({ signal: signal() });
      await first.createEntry(agent.agentId ?? "", "/kept");
      using channel = openWorkload(agent.socketPath);
      await nextOf(watchX509(channel));
      await first[Symbol.asyncDispose]();
    }
    await using agent = await startTestAgent(directory, { enrolment });
    using channel = openWorkload(agent.socketPath);
    const waiting = nextOf(watchX509(channel));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await using _second = await TestServer.start(directory, { bind: `127.0.0.1:${port}` });
    expect((await waiting).svids[0]?.spiffe_id).toBe("spiffe://example.org/kept");
  });

  it("FSP-D03, CFG-D07: does not start beside another agent, nor on state that others may read", async () => {
    await using system = await TestSystem.start();
    const values = { enrolment: system.directory.file("enrolment"), socket: system.directory.file("other.sock") };
    await expect(startTestAgent(system.directory, values)).rejects.toMatchObject({ code: "DATA_DIR_IN_USE" });
    await system.agent.stop();
    chmodSync(system.directory.file("agent/identity.json"), 0o644);
    await expect(startTestAgent(system.directory, values)).rejects.toMatchObject({ code: "STATE_UNSAFE" });
  });

  it("renews its own SVID before it ends, without losing the stream or a push", async () => {
    await using system = await TestSystem.start({ server: { agent_svid_ttl: "6s" } });
    using channel = system.openWorkload();
    await system.createEntry("/steady");
    const stream = watchX509(channel, 60_000);
    await nextOf(stream);
    const seen = new Set<string>();
    for (let round = 0; round < 5; round++) {
      seen.add((await statusOf(channel)).svid_expires_at);
      await system.createEntry(`/more-${round}`);
      expect((await nextOf(stream)).svids).toHaveLength(round + 2);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    expect(seen.size).toBeGreaterThan(2);
    const { agents } = await system.server.admin.unary(agentService.methods.ListAgents, {});
    expect(agents).toHaveLength(1);
  });

  it("WLAPI-05: renews workloads' SVIDs at 40 to 50 % of their life, with a new key, and pushes them", async () => {
    await using system = await TestSystem.start();
    await system.createEntry("/short", { x509_svid_ttl: 12 });
    using channel = system.openWorkload();
    const stream = watchX509(channel, 60_000);
    const lives: { readonly at: number; readonly end: number; readonly serial: bigint; readonly key: string }[] = [];
    for (let round = 0; round < 3; round++) {
      const [svid] = (await nextOf(stream)).svids;
      const leaf = Certificate.parse(svid?.x509_svid ?? Buffer.alloc(0));
      const key = svid?.x509_svid_key.toString("hex") ?? "";
      lives.push({ at: Date.now(), end: leaf.notAfter.getTime(), serial: leaf.serialNumber, key });
    }
    expect(new Set(lives.map(({ serial }) => serial)).size).toBe(3);
    expect(new Set(lives.map(({ key }) => key)).size).toBe(3);
    for (const [index, life] of lives.entries()) {
      const next = lives[index + 1];
      // Half of 12 s, whose last one may be cut by the whole seconds of a certificate.
      if (next !== undefined) expect(next.at).toBeLessThan(life.end - 4000);
    }
  });

  it("puts its socket back when somebody deletes it, and open streams go on", async () => {
    await using system = await TestSystem.start();
    await system.createEntry("/one");
    using channel = system.openWorkload();
    const stream = watchX509(channel);
    await nextOf(stream);
    rmSync(system.agent.socketPath);
    await until(() => existsSync(system.agent.socketPath), 3000);
    using fresh = system.openWorkload();
    await nextOf(watchX509(fresh));
    await system.createEntry("/two");
    expect((await nextOf(stream)).svids).toHaveLength(2);
    expect(statSync(system.agent.socketPath).mode & 0o777).toBe(0o777);
  });

  it("goes on when its entries can't be written, and stops in under 5 s", async () => {
    await using system = await TestSystem.start();
    rmSync(system.directory.file("agent"), { recursive: true, maxRetries: 10, retryDelay: 100 });
    await system.createEntry("/one");
    using channel = system.openWorkload();
    await nextOf(watchX509(channel));
    const start = performance.now();
    await system.agent.stop();
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("attestation", () => {
  it("is refused for good with a token that was spent; the agent says so", async () => {
    using directory = new TestDirectory();
    await using server = await TestServer.start(directory);
    const token = await server.joinToken();
    const common = { trust_domain: "example.org", server: server.address, insecure_bootstrap: true };
    const join_token_file = directory.secret("token", token);
    {
      await using first = await startTestAgent(directory, { ...common, join_token_file });
      await first.ready({ signal: signal() });
    }
    const data_dir = directory.file("agent-2");
    await using second = await startTestAgent(directory, { ...common, join_token_file, data_dir });
    await expect(second.failed).rejects.toMatchObject({ code: "ATTESTATION_REFUSED" });
  });

  it("refuses a server that the enrolment string does not pin, before the token leaves", async () => {
    using directory = new TestDirectory();
    using elsewhere = new TestDirectory();
    await using server = await TestServer.start(directory);
    await using impostor = await TestServer.start(elsewhere);
    const { parseEnrolment, encodeEnrolment } = await import("../../../packages/attestation/src/index.ts");
    const enrolment = encodeEnrolment({
      ...parseEnrolment(await server.enrolment()),
      serverAddress: impostor.address,
    });
    await using agent: RunningAgent = await startTestAgent(directory, {
      enrolment: directory.secret("enrolment", enrolment),
    });
    await expect(agent.failed).rejects.toMatchObject({ code: "SERVER_NOT_TRUSTED" });
  });

  it("happens again by itself for a node that was evicted and can prove itself (x509pop)", async () => {
    using directory = new TestDirectory();
    const fixtures = JSON.parse(
      readFileSync(
        new URL("../../../packages/attestation/test/fixtures/node-certificates.json", import.meta.url),
        "utf8",
      ),
    ) as { root: string; nodes: { ec: { chain: [string]; key: string } } };
    const pem = (label: string, base64: string): string =>
      `-----BEGIN ${label}-----\n${base64.replaceAll(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;
    await using server = await TestServer.start(directory, {
      node_attestors: { x509pop: { ca_file: directory.secret("ca.pem", pem("CERTIFICATE", fixtures.root)) } },
    });
    await using agent = await startTestAgent(directory, {
      trust_domain: "example.org",
      server: server.address,
      insecure_bootstrap: true,
      node_attestor: {
        x509pop: {
          certificate_file: directory.secret("node.pem", pem("CERTIFICATE", fixtures.nodes.ec.chain[0])),
          private_key_file: directory.secret("node.key", pem("PRIVATE KEY", fixtures.nodes.ec.key)),
        },
      },
    });
    await agent.ready({ signal: signal() });
    const id = agent.agentId ?? "";
    expect(id).toMatch(/^spiffe:\/\/example\.org\/spire\/agent\/x509pop\/[0-9a-f]{40}$/);
    await server.createEntry(id, "/w");
    using channel = openWorkload(agent.socketPath);
    await nextOf(watchX509(channel));
    await server.admin.unary(agentService.methods.DeleteAgent, { id: idMessage(id) });
    await until(async () => (await statusOf(channel)).agent_id === "", 5000).catch(() => undefined);
    await until(async () => (await statusOf(channel)).synced, 20_000);
    expect((await nextOf(watchX509(channel))).svids).toHaveLength(1);
  });
});
