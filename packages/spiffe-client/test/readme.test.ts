// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { toPem } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as library from "../src/index.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const readme = readFileSync(here("../README.md"), "utf8");
/** Code of the README by the name in its first line. */
const blocks = new Map(
  [...readme.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name = "", code = ""]) => [name, code]),
);

const id = "spiffe://example.org/web";
const ca = TestCa.create();
let directory: string;
let api: FakeWorkloadApi;
const running: ChildProcess[] = [];

/** As an installed package: the folder of a service with what the README tells to install. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "readme-"));
  mkdirSync(join(directory, "node_modules", "@mayfly"), { recursive: true });
  symlinkSync(here(".."), join(directory, "node_modules", "@mayfly", "spiffe-client"));
  const port = String(await freePort());
  for (const [name, code] of blocks) writeFileSync(join(directory, name), code.replaceAll("8443", port));
  api = await FakeWorkloadApi.start();
  const identity = ca.issue("/web");
  api.pushX509({ svids: [{ ca, identity }] });
  writeFileSync(join(directory, "svid.pem"), identity.chain.map((der) => toPem("CERTIFICATE", der)).join(""));
  writeFileSync(join(directory, "svid_key.pem"), identity.privateKey.export({ format: "pem", type: "pkcs8" }));
  writeFileSync(join(directory, "bundle.pem"), toPem("CERTIFICATE", ca.certificate));
  api.pushX509Bundles([ca]);
  api.pushJwtBundles({ "example.org": JSON.stringify({ keys: [jwk] }) });
  api.onUnary("FetchJWTSVID", ({ audience }: { audience: string[] }) => ({
    svids: [{ spiffe_id: id, svid: token(audience), hint: "" }],
  }));
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await api[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...keys.publicKey.export({ format: "jwk" }), kid: "1", use: "jwt-svid" };

function token(aud: readonly string[]): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "ES256", kid: "1" })}.${part({ sub: id, aud, iat: now, exp: now + 300 })}`;
  const signature = sign("sha256", Buffer.from(signed), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

interface Run {
  readonly child: ChildProcess;
  output: string;
}

function run(file: string, args: readonly string[] = []): Run {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: directory,
    env: { ...process.env, SPIFFE_ENDPOINT_SOCKET: api.address },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  const result = { child, output: "" };
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (result.output += text));
  return result;
}

async function finished({ child }: Run): Promise<number | null> {
  const [code] = (await once(child, "close")) as [number | null];
  return code;
}

describe("the README", () => {
  it("has a server and a client that talk, and do not when the ID is another", async () => {
    const server = run("server.mjs");
    await expect.poll(() => server.output, { timeout: 20_000 }).toBe(`I am ${id}\n`);
    const client = run("client.mjs", [id]);
    expect(await finished(client)).toBe(0);
    expect(client.output).toBe(`hello ${id}\n\n`);
    const other = run("client.mjs", ["spiffe://example.org/other"]);
    expect(await finished(other)).toBe(1);
    expect(other.output).toContain("NOT_AUTHORIZED");
    server.child.kill();
  });

  it("shows sources that work", async () => {
    const sources = run("sources.mjs");
    expect(await finished(sources), sources.output).toBe(0);
    expect(sources.output).toMatch(
      /^spiffe:\/\/example\.org\/web until \S+ connected\nthe token is of spiffe:\/\/example\.org\/web\n$/,
    );
  });

  it("names every transport, source, matcher and code, and nothing that is not there", () => {
    const names = new Set(
      [...readme.matchAll(/`(?:await )?([a-z]\w+|[A-Z]\w+Source)[(`.]/g)].map(([, name = ""]) => name),
    );
    const helpers = Object.entries(library).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
    // What a service takes off the shelf: the transports, the sources and who a peer may be.
    const shelf = readFileSync(here("../src/index.ts"), "utf8").matchAll(
      /^export (\{[^}]*\}) from "(?:\.\/(?:transports|sources)\/|@mayfly\/spiffe")/gms,
    );
    const told = [...shelf].flatMap(([, list = ""]) =>
      [...list.matchAll(/[{,]\s*(\w+)(?=\s*[,}])/g)].map(([, name = ""]) => name),
    );
    expect(told.length).toBeGreaterThan(15);
    expect(told.filter((name) => !readme.includes(name))).toEqual([]);
    const known = new Set([...helpers, "createDispatcher", "createFetch"]);
    expect(
      [...names].filter(
        (name) =>
          /^(create|connect|open|https|server|channel|request|call|verified)[A-Z]/.test(name) && !known.has(name),
      ),
    ).toEqual([]);
    const types = readFileSync(here("../src/errors.ts"), "utf8").matchAll(
      /^export type (?:WorkloadApi|Source|Peer)ErrorCode =([^;]*);/gm,
    );
    const codes = [...types].flatMap(([, union = ""]) => [...union.matchAll(/"(\w+)"/g)].map(([, code = ""]) => code));
    expect(codes.length).toBeGreaterThan(15);
    expect(codes.filter((code) => !readme.includes(code))).toEqual([]);
    const reasons = readFileSync(here("../src/connections/connection-end.ts"), "utf8").matchAll(/^ {2}\| "(\w+)"/gm);
    for (const [, reason = ""] of reasons) expect(readme).toContain(reason);
  });

  it("has no other code that nobody tries", () => {
    expect([...blocks.keys()]).toEqual(["server.mjs", "client.mjs", "sources.mjs"]);
    expect([...readme.matchAll(/^```(\w+)$/gm)].map(([, language]) => language)).toEqual([
      "sh",
      "sh",
      "js",
      "js",
      "console",
      "js",
    ]);
  });
});
