// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { System } from "./mayfly.ts";

const uid = process.geteuid?.() ?? 0;
const web = "spiffe://example.org/web";
let system: System;

beforeAll(async () => {
  system = await System.start({ withAgent: true });
  const words = ["--spiffe-id", web, "--parent-id", system.agentId, "--selector", `unix:uid:${uid}`];
  await system.json("entry", "create", ...words, "--x509-svid-ttl", "8s", "--wait", "--entry-id", "web");
});
afterAll(() => system[Symbol.asyncDispose]());

describe("entry create --wait", () => {
  it("counts the agent that holds it", async () => {
    const words = [
      "--spiffe-id",
      "spiffe://example.org/other",
      "--parent-id",
      system.agentId,
      "--selector",
      "unix:uid:4711",
    ];
    const { delivery } = await system.json<{ delivery: object }>("entry", "create", ...words, "--wait");
    expect(delivery).toEqual({ agents: 1, agents_pending: 0, milliseconds: expect.any(Number) as number });
    const text = await system.run([
      "entry",
      "create",
      ...words,
      "--hint",
      "b",
      "--selector",
      "unix:gid:4711",
      "--wait",
    ]);
    expect(text.stdout).toMatch(/^delivered to 1 agent after \d+ ms$/m);
  });

  it("waits for as many as --data creates", async () => {
    const entries = Array.from({ length: 1001 }, (_, index) => ({
      spiffe_id: `spiffe://example.org/many/${index}`,
      parent_id: system.agentId,
      selectors: [`unix:uid:${index + 10_000}`],
    }));
    const file = system.file("many.json", JSON.stringify({ entries }));
    const made = await system.json<{ results: object[]; delivery: object }>(
      "entry",
      "create",
      "--data",
      file,
      "--wait",
    );
    expect(made.results).toHaveLength(1001);
    expect(made.delivery).toMatchObject({ agents: 1, agents_pending: 0 });
  });
});

describe("workload fetch", () => {
  it("x509 shows the SVID", async () => {
    const { svids } = await system.json<{ svids: Record<string, string>[] }>("workload", "fetch", "x509");
    expect(svids).toEqual([
      {
        spiffe_id: web,
        serial_number: expect.stringMatching(/^[0-9a-f]+$/) as string,
        hint: "",
        not_before: expect.stringMatching(/Z$/) as string,
        not_after: expect.stringMatching(/Z$/) as string,
      },
    ]);
    const text = await system.run(["workload", "fetch", "x509"]);
    expect(text.stdout).toMatch(/^SPIFFE ID +spiffe:\/\/example\.org\/web$/m);
    expect(text.stdout).not.toContain("PRIVATE KEY");
  });

  it("x509 --write writes svid.N.pem, svid.N.key (0600) and bundle.N.pem", async () => {
    const directory = join(system.directory, "written");
    const { written } = await system.json<{ written: string[] }>("workload", "fetch", "x509", "--write", directory);
    expect(written.toSorted()).toEqual(["bundle.0.pem", "svid.0.key", "svid.0.pem"]);
    expect(statSync(join(directory, "svid.0.key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, "svid.0.key"), "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const svid = new X509Certificate(readFileSync(join(directory, "svid.0.pem")));
    const authority = new X509Certificate(readFileSync(join(directory, "bundle.0.pem")));
    expect(svid.subjectAltName).toBe(`URI:${web}`);
    expect(svid.verify(authority.publicKey)).toBe(true);
  });

  it("jwt prints a token that validates for its audience, and for no other", async () => {
    const { stdout: token, stderr } = await system.run(["workload", "fetch", "jwt", "--audience", "db"]);
    expect(stderr).toBe("");
    const words = ["workload", "validate", "jwt", "--token-file", "-", "--output", "json", "--audience"];
    const valid = await system.run([...words, "db"], token);
    expect(JSON.parse(valid.stdout)).toMatchObject({ spiffe_id: web, claims: { sub: web } });
    const invalid = await system.run([...words, "other"], token);
    expect(invalid).toMatchObject({ status: 1, stdout: "" });
    expect(JSON.parse(invalid.stderr)).toMatchObject({ error: { code: expect.stringMatching(/^[A-Z_]+$/) as string } });
    expect(invalid.stderr).not.toContain(token.trim());
  });

  it("bundles x509 prints PEM, bundles jwt JWK sets", async () => {
    const { bundles } = await system.json<{ bundles: { trust_domain: string; pem: string }[] }>(
      "workload",
      "fetch",
      "bundles",
      "x509",
    );
    expect(bundles.map((bundle) => bundle.trust_domain)).toEqual(["example.org"]);
    expect(new X509Certificate(bundles[0]?.pem ?? "").ca).toBe(true);
    const jwt = await system.json<{ bundles: { jwks: { keys: object[] } }[] }>("workload", "fetch", "bundles", "jwt");
    expect(jwt.bundles[0]?.jwks.keys).toHaveLength(1);
  });
});

describe("workload watch", () => {
  it("prints one JSON document per update, sees a rotation, and ends with 130 when interrupted", async () => {
    await using watch = system.start(["workload", "watch", "--output", "json"]);
    await watch.says(/"renewed"/, 20_000);
    watch.child.kill("SIGINT");
    const { status, stdout, stderr } = await watch.ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
    const updates = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(updates[0]).toMatchObject({ spiffe_id: web, changed: ["first"] });
    expect(new Set(updates.map((update) => update["serial_number"])).size).toBe(updates.length);
  });
});

describe("workload exec", () => {
  it("runs the command with fresh files, signals it on renewal, and ends with its exit code", async () => {
    const directory = join(system.directory, "exec");
    const script = join(system.directory, "script.sh");
    writeFileSync(script, 'trap "exit 7" USR1\ntest -s "$1/svid.0.key" || exit 9\nwhile :; do sleep 0.1; done\n');
    const words = ["workload", "exec", "--write", directory, "--signal", "SIGUSR1", "--", "sh", script, directory];
    expect(await system.run(words)).toMatchObject({ status: 7, stderr: "" });
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("passes %s on to the command", async (signal, status) => {
    const words = ["workload", "exec", "--write", join(system.directory, "exec2"), "--"];
    await using running = system.start([...words, "sh", "-c", "echo up; exec sleep 60"]);
    await running.says("up");
    running.child.kill(signal);
    expect((await running.ended).status).toBe(status);
  });
});

describe("explain --pid", () => {
  it("says what a process of this machine gets", async () => {
    const { matches, node } = await system.json<{ matches: object[]; node: string }>(
      "explain",
      "--pid",
      String(process.pid),
    );
    expect(matches).toEqual([{ entry_id: "web", spiffe_id: web }]);
    expect(node).toBe(system.agentId);
  });

  it("ends with 1 and names the obstacle for a process that gets nothing", async () => {
    await system.json("entry", "update", "web", "--selector", "unix:uid:4712");
    try {
      const { status, stdout } = await system.run(["explain", "--pid", String(process.pid), "--output", "json"]);
      expect(status).toBe(1);
      const { findings } = JSON.parse(stdout) as { findings: { code: string; hint: string }[] };
      expect(findings.length).toBeGreaterThan(0);
    } finally {
      await system.json("entry", "update", "web", "--selector", `unix:uid:${uid}`);
    }
  });
});

describe("node", () => {
  it("shows the agent, bans it and evicts it", async () => {
    expect(await system.json("node", "show", system.agentId)).toMatchObject({
      attestation_type: "join_token",
      banned: false,
    });
    expect((await system.run(["status"])).stdout).toMatch(/^Nodes +1 \(0 banned, 1 connected\)$/m);
    expect(await system.json("node", "ban", system.agentId)).toEqual({ banned: system.agentId });
    expect(await system.json("node", "count", "--banned")).toEqual({ count: 1 });
    expect(await system.json("node", "evict", system.agentId)).toEqual({ evicted: system.agentId });
    expect(await system.json("node", "list")).toEqual({ nodes: [] });
  });
});
