// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTls, exact, X509Source } from "../src/index.ts";

const examples = new URL("../examples/", import.meta.url);
const ca = TestCa.create();
const serverId = "spiffe://example.org/server";
const clientId = "spiffe://example.org/client";

let server: FakeWorkloadApi;
let client: FakeWorkloadApi;
const running: ChildProcess[] = [];
beforeAll(async () => {
  [server, client] = [await FakeWorkloadApi.start(), await FakeWorkloadApi.start()];
  for (const [api, path] of [
    [server, "/server"],
    [client, "/client"],
  ] as const) {
    api.pushX509({ svids: [{ ca, path }] });
    api.pushJwtBundles({ "example.org": JSON.stringify({ keys: [jwk] }) });
    api.onUnary("FetchJWTSVID", ({ audience }: { audience: string[] }) => {
      const id = `spiffe://example.org${path}`;
      return { svids: [{ spiffe_id: id, svid: token(id, audience), hint: "" }] };
    });
  }
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await server[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
});

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const kid = randomUUID();
const jwk = { ...keys.publicKey.export({ format: "jwk" }), kid, use: "jwt-svid" };

function token(sub: string, aud: readonly string[]): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "ES256", kid, typ: "JWT" })}.${part({ sub, aud, iat: now, exp: now + 300 })}`;
  const signature = sign("sha256", Buffer.from(signed), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

function run(file: string, api: FakeWorkloadApi, args: readonly string[], port: string): ChildProcess {
  const child = spawn(process.execPath, [new URL(file, examples).pathname, ...args], {
    env: { ...process.env, SPIFFE_ENDPOINT_SOCKET: api.address, PORT: port },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  return child;
}

interface Started {
  readonly port: string;
  readonly lines: string[];
  stop(): Promise<void>;
}

/** A server of the examples that listens. */
async function start(file: string): Promise<Started> {
  const child = run(file, server, [], "0");
  const lines: string[] = [];
  const errors: string[] = [];
  child.stderr?.on("data", (text: Buffer) => errors.push(text.toString()));
  if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const port = (): string | undefined => lines.map((line) => /listens on (\d+)$/.exec(line)?.[1]).find(Boolean);
  await expect.poll(() => port() ?? errors.join(""), { timeout: 20_000 }).toMatch(/^\d+$/);
  return {
    port: port() ?? "",
    lines,
    async stop() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** What a client of the examples prints, and how it ends. */
async function ask(file: string, port: string, wanted = serverId): Promise<{ output: string; code: number | null }> {
  const child = run(file, client, [wanted], port);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (output += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { output, code };
}

describe("the examples", () => {
  const [socketAnswer, httpAnswer] = [`${serverId}: ${clientId} said hello\n`, `${serverId}: hello ${clientId}\n\n`];
  const fetchAnswer = `hello ${clientId}\n\n`;
  it.each<[string, Record<string, string>]>([
    ["tls", { tls: socketAnswer }],
    ["https", { https: httpAnswer, fetch: fetchAnswer }],
    ["http2", { http2: httpAnswer }],
    ["grpc", { grpc: `hello ${clientId}\n` }],
    ["express", { https: httpAnswer, fetch: fetchAnswer }],
    ["fastify", { https: httpAnswer, fetch: fetchAnswer }],
  ])("a server of %s answers its clients, and they talk to nobody else", async (folder, answers) => {
    const started = await start(`${folder}/server.mjs`);
    await Promise.all(
      Object.entries(answers).flatMap(([by, answer]) => [
        ask(`${by}/client.mjs`, started.port).then((got) => expect(got).toEqual({ output: answer, code: 0 })),
        ask(`${by}/client.mjs`, started.port, "spiffe://example.org/other").then(({ output, code }) => {
          expect(output).toContain(`${serverId} is not authorized`);
          expect(code).toBe(1);
        }),
      ]),
    );
    await started.stop();
  });

  it("a JWT-SVID is taken for its audience", async () => {
    const started = await start("jwt/server.mjs");
    expect(await ask("jwt/client.mjs", started.port)).toEqual({ output: `200 hello ${clientId}\n\n`, code: 0 });
    const wrong = token(clientId, ["someone-else"]);
    const response = await fetch(`http://127.0.0.1:${started.port}/`, {
      headers: { authorization: `Bearer ${wrong}` },
    });
    expect(response.status).toBe(401);
    await expect.poll(() => started.lines.join()).toContain("refused: ");
    await started.stop();
  });

  it("say in one line why a client is refused, and why a connection ends", async () => {
    const started = await start("tls/server.mjs");
    const other = TestCa.create({ trustDomain: "other.test" });
    client.pushX509({ svids: [{ ca: other, path: "/client" }], federated: [ca] });
    await ask("tls/client.mjs", started.port);
    await expect.poll(() => started.lines.find((line) => line.startsWith("refused: NO_BUNDLE "))).toBeDefined();
    client.pushX509({ svids: [{ ca, path: "/client" }] });
    const source = await X509Source.open({ address: client.address });
    const socket = await connectTls({
      source,
      authorize: exact(serverId),
      host: "127.0.0.1",
      port: Number(started.port),
    });
    server.refuse();
    await once(socket, "close");
    expect(started.lines.find((line) => line.startsWith(`${clientId} ends: SVID_WITHDRAWN by `))).toBeDefined();
    await source[Symbol.asyncDispose]();
    server.pushX509({ svids: [{ ca, path: "/server" }] });
    await started.stop();
  });

  it("are each 40 lines at most, and use nothing but the package and what their head names", () => {
    const files = readdirSync(examples, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mjs"));
    expect(files.length).toBeGreaterThanOrEqual(14);
    for (const file of files) {
      const source = readFileSync(new URL(file, examples), "utf8");
      expect(source.split("\n").length, file).toBeLessThanOrEqual(40);
      const imports = [...source.matchAll(/from "([^"]+)"/g)].map(([, name]) => name ?? "");
      const [folder = ""] = file.split("/");
      const allowed = /^(node:.*|@mayfly\/spiffe-client(\/undici)?|\.\/greeter\.mjs)$/;
      const known: Record<string, string> = { grpc: "@grpc/grpc-js", express: "express", fastify: "fastify" };
      expect(imports.filter((name) => !allowed.test(name) && name !== known[folder])).toEqual([]);
    }
  });
});
