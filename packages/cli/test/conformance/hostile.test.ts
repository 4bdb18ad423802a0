// SPDX-License-Identifier: Apache-2.0
import { createServer as createHttp2Server } from "node:http2";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { TestCa } from "@mayfly/testkit";
import { mayfly } from "../mayfly.ts";
import { type Defects, ModelEndpoint } from "./model-endpoint.ts";

interface Report {
  readonly counts: Record<string, number>;
  readonly rows: readonly { readonly id: string; readonly title: string; readonly verdict: string }[];
}

const directory = mkdtempSync(join(tmpdir(), "wlh-"));
const closing: (() => Promise<void> | void)[] = [];
let sockets = 0;
afterEach(async () => {
  for (const end of closing.splice(0)) await end();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Listens on a socket that is gone after the test. */
async function listen(server: Server): Promise<string> {
  const path = join(directory, `${++sockets}.sock`);
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  closing.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return path;
}

async function conformance(
  path: string,
  ...more: readonly string[]
): Promise<{ status: number | null; report: Report; stderr: string }> {
  const words = ["workload", "conformance", "--socket", path, "--timeout", "1s", "--output", "json", ...more];
  const { status, stdout, stderr } = await mayfly(words);
  expect(stdout.split("\n")).toHaveLength(2);
  return { status, report: JSON.parse(stdout) as Report, stderr };
}

function idsWith(verdict: string, { rows }: Report): string[] {
  return [...new Set(rows.filter((row) => row.verdict === verdict).map(({ id }) => id))];
}

async function withModel(defects: Defects): Promise<ReturnType<typeof conformance>> {
  const model = await ModelEndpoint.start(defects);
  closing.push(() => model[Symbol.asyncDispose]());
  return conformance(model.path);
}

async function* forever<T>(message: T): AsyncGenerator<T> {
  for (;;) yield await Promise.resolve(message);
}

describe("mayfly workload conformance of what is no Workload API", () => {
  it.each([
    ["says nothing", () => createServer()],
    ["hangs up", () => createServer((socket) => socket.destroy())],
    ["talks nonsense", () => createServer((socket) => socket.write(randomBytes(4096)))],
    ["is a web server", () => createHttp2Server((_request, response) => response.writeHead(404).end("no"))],
    ["is a web server that is content", () => createHttp2Server((_request, response) => response.end("yes"))],
    [
      "answers with endless headers",
      () => createHttp2Server((_request, response) => response.writeHead(200, { "x-a": "a".repeat(60_000) }).end()),
    ],
  ])("ends with 1 and ENDPOINT-01 where the endpoint %s", async (_what, make) => {
    const { status, report, stderr } = await conformance(await listen(make()));
    expect(status).toBe(1);
    expect(idsWith("fail", report)).toEqual(["ENDPOINT-01"]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "NOT_CONFORMANT" } });
  });

  it("tells ENDPOINT-06 where the endpoint speaks TLS only", async () => {
    const { chain, privateKey } = TestCa.create().issue("/agent");
    const cert = `-----BEGIN CERTIFICATE-----\n${Buffer.from(chain[0] ?? []).toString("base64")}\n-----END CERTIFICATE-----\n`;
    const key = privateKey.export({ type: "pkcs8", format: "pem" });
    const { status, report } = await conformance(await listen(createTlsServer({ cert, key, ALPNProtocols: ["h2"] })));
    expect({ status, failed: idsWith("fail", report) }).toEqual({ status: 1, failed: ["ENDPOINT-01", "ENDPOINT-06"] });
  });

  it("ends with 3 where nobody answers", async () => {
    const { status, stderr } = await mayfly(["workload", "conformance", "--socket", join(directory, "none.sock")]);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^error: AGENT_UNREACHABLE: /);
  });
});

describe("mayfly workload conformance of a hostile endpoint", () => {
  it("leaves a stream that never stops, and tells WLAPI-05", async () => {
    const message = { crl: [], bundles: { "spiffe://example.org": Buffer.alloc(10_000, 1) } };
    const { status, report } = await withModel({ handlers: { FetchX509Bundles: () => forever(message) } });
    expect(status).toBe(1);
    expect(idsWith("warn", report)).toContain("WLAPI-05");
  });

  it("takes no message over 4 MiB, and tells WLAPI-20 and WLAPI-04", async () => {
    const huge = { svids: [], crl: [Buffer.alloc(5 * 1024 * 1024)], federated_bundles: {} };
    const { status, report } = await withModel({ handlers: { FetchX509SVID: () => forever(huge) } });
    expect(status).toBe(1);
    expect(idsWith("fail", report)).toEqual(expect.arrayContaining(["WLAPI-20", "WLAPI-04"]));
  });

  it("reads a hundred of twenty thousand identities, in bounded time", async () => {
    const svid = {
      spiffe_id: "",
      x509_svid: Buffer.of(0x30),
      x509_svid_key: Buffer.of(0x30),
      bundle: Buffer.of(0x30),
      hint: "",
    };
    const message = { svids: Array.from({ length: 20_000 }, () => svid), crl: [], federated_bundles: {} };
    const started = performance.now();
    const { status } = await withModel({ handlers: { FetchX509SVID: () => forever(message) } });
    expect(status).toBe(1);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it("does not wait for answers that do not come", async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    async function* silence(): AsyncGenerator<never> {
      yield await never();
    }
    const handlers = { FetchX509SVID: silence, FetchJWTBundles: silence, FetchJWTSVID: never, FetchWITSVID: silence };
    const { status, report } = await withModel({ handlers });
    expect(status).toBe(1);
    expect(idsWith("fail", report)).toEqual(expect.arrayContaining(["WLAPI-04", "WLAPI-20", "WLAPI-30", "WLAPI-31"]));
  });

  it("shows no token and no text of the endpoint", async () => {
    const { report } = await withModel({
      handlers: {
        ValidateJWTSVID: ({ svid }) => {
          throw new Error(svid);
        },
        FetchJWTSVID: () => ({
          svids: [{ spiffe_id: "spiffe://example.org/a\u001b[31m", svid: "a.b.c-secret", hint: "" }],
        }),
      },
    });
    expect(JSON.stringify(report)).not.toMatch(/secret|\\u001b|eyJ/);
  });
});
