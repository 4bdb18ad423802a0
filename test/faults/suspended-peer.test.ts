// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { FakeWorkloadApi, TestCa, type TestIdentity } from "@mayfly/testkit";
import { toPem } from "@mayfly/x509";
import { describe, expect, it } from "vitest";

type Message = Readonly<Record<string, unknown>>;

interface Service {
  readonly child: ChildProcess;
  readonly messages: Message[];
  readonly port: number;
}

async function startService(address: string): Promise<Service> {
  const child = fork(join(import.meta.dirname, "suspended-server.ts"), {
    env: { ...process.env, SPIFFE_ENDPOINT_SOCKET: address },
    execArgv: ["--conditions=@mayfly/source"],
  });
  const messages: Message[] = [];
  child.on("message", (message) => messages.push(message as Message));
  await expect.poll(() => messages.length, { timeout: 20_000 }).toBe(1);
  return { child, messages, port: Number(messages[0]?.["port"]) };
}

async function openConnection(port: number, identity: TestIdentity): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    cert: identity.chain.map((der) => toPem("CERTIFICATE", der)).join(""),
    key: identity.privateKey.export({ format: "pem", type: "pkcs8" }),
    rejectUnauthorized: false,
  });
  await once(socket, "secureConnect");
  return socket.setEncoding("utf8");
}

function ask(socket: TLSSocket, path: string): void {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

describe("a service that was suspended for ten seconds, across the end of its peer's certificate", () => {
  it("closes the connection within a second, and does not serve what waited in it", { timeout: 60_000 }, async () => {
    const ca = TestCa.create();
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca, path: "/server" }] });
    const service = await startService(api.address);
    try {
      const expiresAt = Date.now() + 4_000;
      const socket = await openConnection(service.port, ca.issue("/client", { notAfter: new Date(expiresAt) }));
      ask(socket, "/early");
      await once(socket, "data");
      service.child.kill("SIGSTOP");
      ask(socket, "/late");
      await sleep(10_000);
      expect(socket.destroyed).toBe(false);
      expect(Date.now()).toBeGreaterThan(expiresAt + 2_000);
      let late = "";
      socket.on("data", (text: string) => (late += text));
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.on("error", () => undefined);
      const continued = Date.now();
      service.child.kill("SIGCONT");
      await closed;
      expect(Date.now() - continued).toBeLessThan(1_000);
      await expect.poll(() => service.messages).toContainEqual(expect.objectContaining({ ended: "PEER_EXPIRED" }));
      expect(service.messages.map(({ served }) => served)).not.toContain("/late");
      expect(late).not.toContain("200 OK");
      // Its new connections are those of the living.
      const next = await openConnection(service.port, ca.issue("/client"));
      ask(next, "/next");
      expect(String((await once(next, "data"))[0])).toContain("200 OK");
      next.destroy();
    } finally {
      service.child.kill("SIGKILL");
    }
  });
});
