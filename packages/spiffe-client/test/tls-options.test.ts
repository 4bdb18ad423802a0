// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { connect, type Server, type TLSSocket } from "node:tls";
import { TestCa } from "@mayfly/testkit";
import { toPem } from "@mayfly/x509";
import { afterAll, afterEach, expect, it } from "vitest";
import { anyPeer, connectTls, createTlsServer, type TlsServerOptions, verifiedPeer } from "../src/index.ts";
import { codeOf } from "./mtls/transport.ts";
import { sourceOf } from "./mtls/workload.ts";

const ca = TestCa.create();
const policy = { source: sourceOf(ca.issue("/server"), [ca]), authorize: anyPeer() };
const directory = mkdtempSync(join(tmpdir(), "tls-"));
afterAll(() => rmSync(directory, { recursive: true }));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Started {
  readonly server: Server;
  readonly port: number;
  readonly sockets: TLSSocket[];
  readonly refused: unknown[];
}

async function start(options: Partial<TlsServerOptions> = {}, path?: string): Promise<Started> {
  const sockets: TLSSocket[] = [];
  const refused: unknown[] = [];
  const server = createTlsServer(
    { ...policy, onRefused: (error) => void refused.push(error), ...options },
    (socket) => void sockets.push(socket.resume()),
  );
  servers.push(server);
  server.listen(path === undefined ? { port: 0, host: "127.0.0.1" } : { path });
  await once(server, "listening");
  const address = server.address() as AddressInfo | string;
  return { server, port: typeof address === "string" ? 0 : address.port, sockets, refused };
}

it("protocols and server names go through as with node:tls", async () => {
  const { port, sockets } = await start({ ALPNProtocols: ["b", "a"] });
  const socket = await connectTls({
    ...policy,
    host: "127.0.0.1",
    port,
    servername: "x.test",
    ALPNProtocols: ["a", "b"],
  });
  await expect.poll(() => sockets.length).toBe(1);
  expect([socket.alpnProtocol, sockets[0]?.alpnProtocol, sockets[0]?.servername]).toEqual(["b", "b", "x.test"]);
  socket.destroy();
});

it("a client's ciphers, curves and signature algorithms are those that it asked for", async () => {
  const { port } = await start();
  const to = { ...policy, host: "127.0.0.1", port };
  const plain = await connectTls(to);
  expect(plain.getCipher().standardName).toBe("TLS_AES_256_GCM_SHA384");
  const chosen = await connectTls({ ...to, ciphers: "TLS_CHACHA20_POLY1305_SHA256", ecdhCurve: "secp384r1" });
  expect(chosen.getCipher().standardName).toBe("TLS_CHACHA20_POLY1305_SHA256");
  expect(chosen.getEphemeralKeyInfo()).toMatchObject({ name: "secp384r1" });
  await expect(connectTls({ ...to, sigalgs: "ed25519" })).rejects.toThrow(/handshake failure|signature/i);
  const again = await connectTls(to);
  expect(again.getCipher().standardName).toBe("TLS_AES_256_GCM_SHA384");
  for (const socket of [plain, chosen, again]) socket.destroy();
});

it("a Unix socket is as good as a port", async () => {
  const path = join(directory, "socket");
  await start({}, path);
  const socket = await connectTls({ ...policy, path });
  expect(verifiedPeer(socket)?.id.toString()).toBe("spiffe://example.org/server");
  socket.destroy();
});

it("options that would get past the policy are left out, also where types are not looked at", async () => {
  const identity = "known";
  const past = {
    pskCallback: () => Buffer.from("secret"),
    pskIdentityHint: "hint",
    requestCert: false,
    rejectUnauthorized: true,
    minVersion: "TLSv1",
    ciphers: "ALL:@SECLEVEL=0",
    SNICallback: () => undefined,
    ticketKeys: Buffer.alloc(48),
    sessionTimeout: 1_000,
  } as unknown as Partial<TlsServerOptions>;
  const { port, sockets, refused } = await start(past);
  const rogue = connect({
    host: "127.0.0.1",
    port,
    maxVersion: "TLSv1.2",
    ciphers: "PSK:@SECLEVEL=0",
    pskCallback: () => ({ psk: Buffer.from("secret"), identity }),
    checkServerIdentity: () => undefined,
  });
  rogue.on("error", () => undefined);
  await new Promise<void>((resolve) => rogue.once("close", () => resolve()));
  const old = connect({
    host: "127.0.0.1",
    port,
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "ALL:@SECLEVEL=0",
  });
  old.on("error", () => undefined);
  await new Promise<void>((resolve) => old.once("close", () => resolve()));
  const anonymous = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, servername: "a.test" });
  anonymous.on("error", () => undefined);
  await new Promise<void>((resolve) => anonymous.once("close", () => resolve()));
  expect(refused).toHaveLength(3);
  expect(codeOf(refused[2])).toBe("NO_CERTIFICATE");
  expect(sockets).toEqual([]);
  const good = await connectTls({ ...policy, host: "127.0.0.1", port, servername: "a.test" });
  await expect.poll(() => sockets.length).toBe(1);
  good.destroy();
});

it("either end may ask for TLS 1.3", async () => {
  const modern = await start({ minVersion: "TLSv1.3" });
  const old = connectTls({ ...policy, host: "127.0.0.1", port: modern.port, maxVersion: "TLSv1.2" });
  await expect(old).rejects.toThrow(/protocol version|handshake/i);
  const socket = await connectTls({ ...policy, host: "127.0.0.1", port: modern.port });
  expect(socket.getProtocol()).toBe("TLSv1.3");
  socket.destroy();
  const dated = await start({ maxVersion: "TLSv1.2" });
  await expect(connectTls({ ...policy, host: "127.0.0.1", port: dated.port, minVersion: "TLSv1.3" })).rejects.toThrow();
});

it("nobody puts another certificate under a verdict by a new handshake", async () => {
  const { port, sockets } = await start();
  const { chain, privateKey } = ca.issue("/client");
  const [cert, key] = [join(directory, "cert"), join(directory, "key")];
  writeFileSync(cert, chain.map((der) => toPem("CERTIFICATE", der)).join(""));
  writeFileSync(key, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  const child = execFile("openssl", [
    "s_client",
    "-connect",
    `127.0.0.1:${port}`,
    "-cert",
    cert,
    "-key",
    key,
    "-tls1_2",
  ]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: string) => (output += text));
  await expect.poll(() => sockets.length).toBe(1);
  child.stdin?.write("R\n");
  await expect.poll(() => output).toMatch(/no renegotiation/i);
  child.stdin?.end();
  child.kill();
});
