// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer as createPlainServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type SecureVersion } from "node:tls";
import { TestCa } from "@mayfly/testkit";
import { toPem } from "@mayfly/x509";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { anyPeer, createTlsServer, exact } from "../src/index.ts";
import { LiveWorkload } from "./mtls/live-workload.ts";
import { rogueServer } from "./mtls/rogue.ts";
import { httpsTransport } from "./mtls/https-transport.ts";
import { codeOf } from "./mtls/transport.ts";
import { transports } from "./mtls/transports.ts";
import { sourceOf } from "./mtls/workload.ts";

const ca = TestCa.create();
const client = ca.issue("/client");
const server = ca.issue("/server");
const versions = ["TLSv1.2", "TLSv1.3"] as const;
const cert = client.chain.map((der) => toPem("CERTIFICATE", der)).join("");
const key = client.privateKey.export({ format: "pem", type: "pkcs8" });

const directory = mkdtempSync(join(tmpdir(), "tls-"));
writeFileSync(join(directory, "cert"), cert);
writeFileSync(join(directory, "key"), key, { mode: 0o600 });
afterAll(() => rmSync(directory, { recursive: true }));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What `openssl s_client` says of a connection, the session being saved and, where there is one, offered. */
async function sClient(port: number, version: SecureVersion, alpn: readonly string[]): Promise<string> {
  const session = join(directory, `session-${port}-${version}`);
  const child = execFile("openssl", [
    "s_client",
    "-connect",
    `127.0.0.1:${port}`,
    "-cert",
    join(directory, "cert"),
    "-key",
    join(directory, "key"),
    version === "TLSv1.2" ? "-tls1_2" : "-tls1_3",
    "-sess_out",
    session,
    ...(existsSync(session) ? ["-sess_in", session] : []),
    ...(alpn.length > 0 ? ["-alpn", alpn.join(",")] : []),
  ]);
  let output = "";
  let isLeaving = false;
  child.stdout?.on("data", (text: string) => {
    output += text;
    if (isLeaving || !/^(?:New|Reused), /m.test(output)) return;
    isLeaving = true;
    // Tickets of TLS 1.3 come after the handshake.
    setTimeout(() => child.stdin?.end("Q\n"), 150);
  });
  child.stdin?.on("error", () => undefined);
  await once(child, "close");
  return output;
}

const isResumed = /^Reused, /m;
const isNew = /^New, TLSv1\.[23]/m;

describe.each(versions)("MTL-D11: over %s", (version) => {
  it("openssl resumes at a server of plain node, so that the attack is one", async () => {
    const plain = createPlainServer({
      cert: server.chain.map((der) => toPem("CERTIFICATE", der)).join(""),
      key: server.privateKey.export({ format: "pem", type: "pkcs8" }),
      requestCert: true,
      rejectUnauthorized: false,
    });
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    closing.push(() => plain.close());
    const { port } = plain.address() as AddressInfo;
    expect(await sClient(port, version, [])).toMatch(isNew);
    expect(await sClient(port, version, [])).toMatch(isResumed);
  });

  it.each(transports)(
    "$name: openssl resumes nothing, and is refused when its certificate is revoked",
    async (transport) => {
      const refused: unknown[] = [];
      const workload = await LiveWorkload.start({ svids: [{ ca, identity: server }] });
      closing.push(() => workload[Symbol.asyncDispose]());
      const served = await transport.serve({
        source: workload.source,
        authorize: anyPeer(),
        onRefused: (error) => void refused.push(error),
      });
      closing.push(() => served.close());
      const alpn = transport.alpn ?? [];
      for (let n = 0; n < 2; n++) {
        const said = await sClient(served.port, version, alpn);
        expect(said).toMatch(isNew);
        expect(said).not.toMatch(isResumed);
      }
      expect(refused).toEqual([]);
      workload.push({ svids: [{ ca, identity: server }], crls: [ca.revocationList([client])] });
      await expect.poll(() => workload.source.revocations.size).toBe(1);
      expect(await sClient(served.port, version, alpn)).not.toMatch(isResumed);
      expect(refused.map(codeOf)).toEqual(["REVOKED"]);
      expect(served.seen).toEqual([]);
    },
  );

  it.each(transports)("$name: a client of node that offers a saved session resumes nothing", async (transport) => {
    const served = await transport.serve({ source: sourceOf(server, [ca]), authorize: anyPeer() });
    closing.push(() => served.close());
    const options = {
      host: "127.0.0.1",
      port: served.port,
      cert,
      key,
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ...(transport.alpn && { ALPNProtocols: [...transport.alpn] }),
    };
    const first = connect(options);
    let session: Buffer | undefined;
    first.on("session", (given) => (session = given));
    await once(first, "secureConnect");
    await new Promise((resolve) => setTimeout(resolve, 50));
    session ??= first.getSession();
    const second = connect({ ...options, session });
    await once(second, "secureConnect");
    expect(session).toBeDefined();
    expect(second.isSessionReused()).toBe(false);
    first.destroy();
    second.destroy();
  });
});

it("MTL-D11: a session that the owner of a server brings back itself is refused", async () => {
  const refused: unknown[] = [];
  const seen: string[] = [];
  const sessions = new Map<string, Buffer>();
  const ours = createTlsServer(
    { source: sourceOf(server, [ca]), authorize: anyPeer(), onRefused: (error) => void refused.push(error) },
    (socket, { id }) => {
      seen.push(id.toString());
      socket.resume();
    },
  );
  ours.on("newSession", (id, data, done) => {
    sessions.set(id.toString("hex"), data);
    done();
  });
  ours.on("resumeSession", (id, done) => done(null, sessions.get(id.toString("hex"))));
  ours.listen(0, "127.0.0.1");
  await once(ours, "listening");
  closing.push(() => ours.close());
  const { port } = ours.address() as AddressInfo;
  const options = { host: "127.0.0.1", port, cert, key, rejectUnauthorized: false, maxVersion: "TLSv1.2" } as const;
  const first = connect(options);
  await once(first, "secureConnect");
  const session = first.getSession();
  first.destroy();
  const second = connect({ ...options, session });
  second.on("error", () => undefined);
  await new Promise<void>((resolve) => second.once("close", () => resolve()));
  expect(refused.map(codeOf)).toEqual(["RESUMED"]);
  expect(seen).toHaveLength(1);
});

describe.each(versions)("MTL-D17: over %s", (version) => {
  it.each(transports)(
    "$name: a client resumes no session, and judges the same host anew for another ID",
    async (transport) => {
      const rogue = await rogueServer({ identity: server, version, transport });
      closing.push(() => rogue.close());
      const source = sourceOf(client, [ca]);
      const careless = transport.client({ source, authorize: anyPeer() }, rogue.port);
      closing.push(() => careless.close());
      await careless.request("one").catch(() => undefined);
      await expect.poll(() => rogue.handshakes).toBeGreaterThan(0);
      // Tickets have come by then.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = rogue.received;
      const strict = transport.client({ source, authorize: exact("spiffe://example.org/other") }, rogue.port);
      closing.push(() => strict.close());
      const error: unknown = await strict.request("two").catch((thrown: unknown) => thrown);
      expect((transport.codeOf ?? codeOf)(error)).toBe("NOT_AUTHORIZED");
      expect(rogue.received).toBe(before);
      const again = transport.client({ source, authorize: anyPeer() }, rogue.port);
      closing.push(() => again.close());
      const handshakes = rogue.handshakes;
      await again.request("three").catch(() => undefined);
      await expect.poll(() => rogue.handshakes).toBeGreaterThan(handshakes);
      expect(rogue.resumed).toBe(0);
    },
  );

  it("an agent of plain node resumes at the same server, so that the attack is one", async () => {
    const rogue = await rogueServer({
      identity: server,
      version,
      transport: httpsTransport,
    });
    closing.push(() => rogue.close());
    const agent = new Agent({ rejectUnauthorized: false });
    for (let n = 0; n < 2; n++) {
      const request = get({ host: "127.0.0.1", port: rogue.port, agent, servername: "example.org" });
      request.on("error", () => undefined);
      await expect.poll(() => rogue.handshakes).toBe(n + 1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      request.destroy();
    }
    expect(rogue.resumed).toBe(1);
  });
});
