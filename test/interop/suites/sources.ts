// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyPeer } from "@mayfly/spiffe";
import { BundleSource, JwtSource, X509Source } from "@mayfly/spiffe-client";
import { MayflyAgent, MayflyServer, output } from "../../processes.ts";
import { peerCommand } from "../peers.ts";
import { RunningSpireAgent } from "../spire-agent-process.ts";
import { expect, type Suite } from "../suite.ts";

/** An agent that serves this process. */
interface Endpoint {
  readonly name: string;
  readonly id: string;
  readonly env: Record<string, string>;
  /** Has the agent's own program write the SVID of this process into a folder. */
  readonly write: (dir: string) => unknown;
  /** How long it may take until a deleted entry is gone, milliseconds. */
  readonly withdrawnWithinMs: number;
}

const ttl = ["--x509-svid-ttl", "10s"];

async function until(what: string, withinMs: number, holds: () => boolean): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    expect(performance.now() < end, `not within ${withinMs} ms: ${what}`);
    await sleep(5);
  }
}

/** What each source gives, judged by the others. */
async function giveOneAnother(address: string): Promise<void> {
  await using x509 = await X509Source.open({ address });
  await using jwt = await JwtSource.open({ address });
  await using bundles = await BundleSource.open({ address });
  const id = x509.svid.id.toString();
  const peer = verifyPeer(x509.svid.chain, bundles.x509, { now: new Date(), revocations: bundles.revocations });
  expect(peer.id.toString() === id, `${peer.id.toString()} is not ${id}`);
  const svid = await jwt.fetchSvid({ audience: "me" });
  for (const locally of [false, true]) {
    const valid = await jwt.validate(svid.token, { audience: "me", locally });
    expect(valid.id.toString() === id, `${valid.id.toString()} is not ${id}`);
  }
  expect((await jwt.fetchSvid({ audience: "me" })) === svid, "the token was not kept");
}

async function followRenewal(address: string): Promise<void> {
  await using source = await X509Source.open({ address });
  const { svid } = source;
  await until("another SVID", 15_000, () => source.svid !== svid);
  expect(source.svid.notAfter.getTime() > svid.notAfter.getTime(), "the next SVID does not end later");
  expect(source.health.state === "connected", JSON.stringify(source.health));
}

async function readFiles(endpoint: Endpoint): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
  endpoint.write(dir);
  const at = (name: string): string => join(dir, name);
  const files = { certificate: at("svid.0.pem"), privateKey: at("svid.0.key"), bundle: at("bundle.0.pem") };
  await using source = await X509Source.fromFiles({ ...files, pollMs: 50 });
  const end = (): number => source.context.svids[0]?.notAfter.getTime() ?? 0;
  const before = end();
  // Until the agent has another.
  await sleep(8000);
  endpoint.write(dir);
  await until("the files' next SVID", 2000, () => end() > before);
  rmSync(dir, { recursive: true });
}

async function withdraw(server: MayflyServer, endpoint: Endpoint, entry: string): Promise<void> {
  await using source = await X509Source.open({ address: endpoint.env["SPIFFE_ENDPOINT_SOCKET"] });
  server.mayfly("entry", "delete", entry);
  await until("the identity is gone", endpoint.withdrawnWithinMs, () => source.context.svids.length === 0);
  expect(source.health.state === "withdrawn", JSON.stringify(source.health));
  expect(source.bundles.size === 0, "bundles are left");
}

async function sourcesOf(suite: Suite, server: MayflyServer, endpoint: Endpoint): Promise<void> {
  const { name, id, env } = endpoint;
  const address = env["SPIFFE_ENDPOINT_SOCKET"] ?? "";
  const selector = `unix:uid:${process.getuid?.() ?? 0}`;
  const entry = `sources-${name}`;
  server.createEntry(`/sources/${name}`, id, [selector], "--entry-id", entry, ...ttl);
  await suite.check(`${name}: X.509-SVID, JWT-SVID and bundles stand by one another`, () => giveOneAnother(address));
  await suite.check(`${name}: a renewed SVID comes by itself`, () => followRenewal(address));
  await suite.check(`${name}: what its own program writes is read, and read again`, () => readFiles(endpoint));
  await suite.check(`${name}: a deleted entry ends the identity`, () => withdraw(server, endpoint, entry));
}

async function restart(server: MayflyServer, agent: MayflyAgent): Promise<void> {
  server.createEntry("/sources/again", agent.id, [`unix:uid:${process.getuid?.() ?? 0}`]);
  await using source = await X509Source.open({ address: agent.env["SPIFFE_ENDPOINT_SOCKET"] });
  const { svid } = source;
  await agent.crash();
  await until("the loss is seen", 2000, () => source.health.state === "reconnecting");
  expect(source.svid === svid, "the SVID is gone with the agent");
  await agent.boot();
  await until("the agent is there again", 10_000, () => source.health.state === "connected");
}

/** The sources of spiffe-client over our agent and an unmodified spire-agent. */
export async function sources(suite: Suite): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
  await using server = await MayflyServer.start();
  {
    await using agent = await MayflyAgent.start(server);
    const write = (to: string): unknown => agent.mayfly("workload", "fetch", "x509", "--write", to);
    await sourcesOf(suite, server, { name: "mayfly", id: agent.id, env: agent.env, write, withdrawnWithinMs: 1000 });
    await suite.check("mayfly: a killed and restarted agent is found again", () => restart(server, agent));
  }
  await using agent = await RunningSpireAgent.start(server, dir);
  const [program = ""] = peerCommand("spire-agent");
  const socket = agent.env["SPIFFE_ENDPOINT_SOCKET"]?.slice("unix://".length) ?? "";
  const write = (to: string): unknown => output([program, "api", "fetch", "x509", "-socketPath", socket, "-write", to]);
  // It polls every five seconds.
  await sourcesOf(suite, server, {
    name: "spire-agent",
    id: agent.id,
    env: agent.env,
    write,
    withdrawnWithinMs: 15_000,
  });
  rmSync(dir, { recursive: true, force: true });
}
