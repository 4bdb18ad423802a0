// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { System } from "./mayfly.ts";

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system[Symbol.asyncDispose]());

interface Entry {
  readonly id: string;
  readonly spiffe_id: string;
  readonly selectors: readonly string[];
}
interface Created {
  readonly results: readonly { readonly status: { readonly code: number }; readonly entry: Entry | null }[];
  readonly delivery?: { readonly agents: number; readonly agents_pending: number; readonly milliseconds: number };
}

const node = "spiffe://example.org/node-1";

function create(path: string, ...more: readonly string[]): Promise<Created> {
  const id = `spiffe://example.org${path}`;
  return system.json("entry", "create", "--spiffe-id", id, "--parent-id", node, "--selector", "unix:uid:1000", ...more);
}

describe("mayfly entry", () => {
  it("creates, shows, lists, counts, updates and deletes", async () => {
    const options = [
      "--x509-svid-ttl",
      "5m",
      "--dns-name",
      "web.example.org",
      "--hint",
      "internal",
      "--entry-id",
      "web",
    ];
    const { results } = await create("/web", ...options);
    expect(results[0]).toMatchObject({
      status: { code: 0 },
      entry: { id: "web", x509_svid_ttl: 300, hint: "internal" },
    });

    const shown = await system.json<Record<string, unknown>>("entry", "show", "web");
    expect(shown).toMatchObject({
      id: "web",
      spiffe_id: "spiffe://example.org/web",
      parent_id: node,
      selectors: ["unix:uid:1000"],
      x509_svid_ttl: 300,
      jwt_svid_ttl: 0,
      federates_with: [],
      dns_names: ["web.example.org"],
      hint: "internal",
      admin: false,
      downstream: false,
      store_svid: false,
      expires_at: null,
      revision_number: 0,
    });
    expect(shown["created_at"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    const listed = await system.json<{ entries: Entry[] }>("entry", "list", "--hint", "internal");
    expect(listed.entries.map((entry) => entry.id)).toEqual(["web"]);
    expect(await system.json("entry", "count", "--selector", "unix:uid:1000", "--match", "exact")).toEqual({
      count: 1,
    });

    const updated = await system.json("entry", "update", "web", "--selector", "unix:uid:1001", "--expires-in", "1h");
    expect(updated).toMatchObject({ selectors: ["unix:uid:1001"], hint: "internal", revision_number: 1 });

    expect(await system.json("entry", "delete", "web")).toEqual({ deleted: ["web"] });
    expect(await system.json("entry", "count")).toEqual({ count: 0 });
  });

  it("says in text what JSON says", async () => {
    await create("/text", "--entry-id", "text");
    const list = await system.run(["entry", "list"]);
    expect(list.stdout.split("\n")[0]).toMatch(/^ID +SPIFFE ID +PARENT ID +SELECTORS$/);
    expect(list.stdout).toContain("spiffe://example.org/text");
    const show = await system.run(["entry", "show", "--spiffe-id", "spiffe://example.org/text"]);
    expect(show.stdout).toMatch(/^SPIFFE ID +spiffe:\/\/example\.org\/text$/m);
    expect(list.stdout + show.stdout).not.toContain("\u001b");
  });

  it("puts entries of nodes below the server", async () => {
    const words = ["--spiffe-id", "spiffe://example.org/cluster", "--node", "--selector", "x509pop:subject:cn:a"];
    const { results } = await system.json<Created>("entry", "create", ...words);
    expect(results[0]?.entry).toMatchObject({ parent_id: "spiffe://example.org/spire/server" });
  });

  it("--wait says how many agents hold it and after how many ms", async () => {
    const { delivery } = await create("/waited", "--wait");
    expect(delivery).toEqual({ agents: 0, agents_pending: 0, milliseconds: expect.any(Number) as number });
  });

  it("--data creates many from standard input, reports each, and ends with 1 when one fails", async () => {
    const entry = (path: string): object => ({
      spiffe_id: `spiffe://example.org${path}`,
      parent_id: node,
      selectors: [{ type: "unix", value: `path:${path}` }],
    });
    const document = JSON.stringify({ entries: [entry("/many/1"), entry("/many/2"), entry("/many/1")] });
    const { status, stdout, stderr } = await system.run(
      ["entry", "create", "--data", "-", "--output", "json"],
      document,
    );
    const { results } = JSON.parse(stdout) as Created;
    expect(results.map((result) => result.status.code)).toEqual([0, 0, 6]);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "ALREADY_EXISTS" } });
  });

  it("--data takes what `entry list` printed", async () => {
    const { stdout } = await system.run(["entry", "list", "--selector", "unix:path:/many/2", "--output", "json"]);
    const file = system.file("entries.json", stdout.replaceAll("/many/2", "/many/3").replace(/"id":"[^"]*",/, ""));
    const { results } = await system.json<Created>("entry", "create", "--data", file);
    expect(results.map((result) => result.entry?.spiffe_id)).toEqual(["spiffe://example.org/many/3"]);
  });

  it("REG-D08: --data refuses __proto__ with everything else that is wrong, before anything is created", async () => {
    const document =
      '[{"__proto__":{"admin":true},"spiffe_id":"spiffe://example.org/evil","parent_id":7,"selectors":[]}]';
    const { status, stderr } = await system.run(["entry", "create", "--data", "-"], document);
    expect(status).toBe(2);
    expect(stderr).toContain('entry 1: unknown field "__proto__"');
    expect(stderr).toContain("entry 1: parent_id:");
  });
});

describe("mayfly node", () => {
  it("lists and counts", async () => {
    expect(await system.json("node", "list")).toEqual({ nodes: [] });
    expect(await system.json("node", "count", "--no-banned")).toEqual({ count: 0 });
    expect(await system.json("node", "purge", "--dry-run")).toEqual({ purged: [], dry_run: true });
  });

  it.each(["show", "evict"])("%s ends with 1 and NOT_FOUND for one that never attested", async (verb) => {
    const { status, stdout, stderr } = await system.run(["node", verb, "spiffe://example.org/spire/agent/none"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^error: NOT_FOUND: .+\n/);
  });
});

describe("mayfly token create", () => {
  it("prints the token and nothing else", async () => {
    const { status, stdout, stderr } = await system.run(["token", "create"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^[0-9a-f-]{36}\n$/);
  });

  it("prints the enrolment string and nothing else", async () => {
    const { stdout, stderr } = await system.run(["token", "create", "--enrolment", "--address", "ca.example.org:8081"]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^\S{60,}\n$/);
  });

  it("says in JSON when it ends", async () => {
    const { token, expires_at } = await system.json<Record<string, string>>("token", "create", "--ttl", "90s");
    expect(token).toMatch(/^[0-9a-f-]{36}$/);
    expect(Math.abs(Date.parse(expires_at ?? "") - Date.now() - 90_000)).toBeLessThan(10_000);
  });
});

describe("mayfly bundle", () => {
  it("shows PEM, or the SPIFFE document", async () => {
    const pem = await system.run(["bundle", "show"]);
    expect(new X509Certificate(pem.stdout).subjectAltName).toBe("URI:spiffe://example.org");
    const document = JSON.parse((await system.run(["bundle", "show", "--format", "spiffe"])).stdout) as {
      keys: object[];
    };
    expect(document.keys).toEqual([
      expect.objectContaining({ use: "x509-svid" }),
      expect.objectContaining({ use: "jwt-svid" }),
    ]);
  });

  it("sets, lists, shows and deletes another trust domain's", async () => {
    const { stdout: pem } = await system.run(["bundle", "show"]);
    const set = await system.run(["bundle", "set", "--trust-domain", "other.org"], pem);
    expect(set).toEqual({ status: 0, stdout: "set the bundle of other.org\n", stderr: "" });
    const { bundles } = await system.json<{ bundles: object[] }>("bundle", "list");
    expect(bundles).toEqual([expect.objectContaining({ trust_domain: "other.org", x509_authorities: 1 })]);
    expect((await system.run(["bundle", "show", "--trust-domain", "other.org"])).stdout).toBe(pem);
    expect(await system.json("bundle", "delete", "--trust-domain", "other.org")).toEqual({ deleted: "other.org" });
    const gone = await system.run(["bundle", "show", "--trust-domain", "other.org"]);
    expect(gone).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error: NOT_FOUND: /) as string });
  });

  it("refuses what is no bundle", async () => {
    const { status, stderr } = await system.run(["bundle", "set", "--trust-domain", "other.org"], "nonsense");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: MALFORMED: /);
  });
});

describe("mayfly authority", () => {
  it("prepares, activates, taints and revokes", async () => {
    interface Slot {
      readonly kind: string;
      readonly slot: string;
      readonly authority_id: string;
    }
    const before = await system.json<{ authorities: Slot[] }>("authority", "list");
    expect(before.authorities.map(({ kind, slot }) => `${kind} ${slot}`)).toEqual(["x509 active", "jwt active"]);
    const old = before.authorities[1]?.authority_id ?? "";
    const { prepared = "" } = await system.json<Record<string, string>>("authority", "prepare", "jwt");
    await system.json("authority", "activate", "jwt");
    const { authorities } = await system.json<{ authorities: Slot[] }>("authority", "list", "jwt");
    expect(authorities.map(({ slot, authority_id }) => ({ slot, authority_id }))).toEqual([
      { slot: "active", authority_id: prepared },
      { slot: "old", authority_id: old },
    ]);
    expect(await system.json("authority", "taint", "jwt")).toMatchObject({ tainted: old });
    expect(await system.json("authority", "revoke", "jwt", "--authority-id", old)).toMatchObject({ revoked: old });
  });

  it("ends with 1 for one that there is not", async () => {
    const { status, stderr } = await system.run(["authority", "activate", "x509", "--authority-id", "00"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: [A-Z_]+: .+\n/);
  });
});

describe("mayfly svid mint", () => {
  it("x509 writes certificate, key (0600) and bundle", async () => {
    const directory = join(system.directory, "minted");
    const words = ["svid", "mint", "x509", "--spiffe-id", "spiffe://example.org/db", "--ttl", "5m"];
    expect((await system.run([...words, "--write", directory])).status).toBe(0);
    const certificate = new X509Certificate(readFileSync(join(directory, "svid.pem")));
    expect(certificate.subjectAltName).toBe("URI:spiffe://example.org/db");
    expect(certificate.verify(new X509Certificate(readFileSync(join(directory, "bundle.pem"))).publicKey)).toBe(true);
    expect(statSync(join(directory, "key.pem")).mode & 0o777).toBe(0o600);
  });

  it("jwt prints the token and nothing else", async () => {
    const words = ["svid", "mint", "jwt", "--spiffe-id", "spiffe://example.org/job", "--audience", "db"];
    const { stdout, stderr } = await system.run(words);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = JSON.parse(Buffer.from(stdout.split(".")[1] ?? "", "base64url").toString()) as object;
    expect(claims).toMatchObject({ sub: "spiffe://example.org/job" });
  });
});

describe("mayfly status, healthcheck and explain", () => {
  it("status is one document", async () => {
    const status = await system.json<Record<string, unknown>>("status");
    expect(status).toMatchObject({ trust_domain: "example.org", nodes: 0, nodes_banned: 0, agents_connected: 0 });
    expect(Object.keys(status).every((key) => /^[a-z0-9_]+$/.test(key))).toBe(true);
    expect((await system.run(["status"])).stdout).toMatch(/^Trust domain +example\.org$/m);
  });

  it("server healthcheck is 0, and --verbose lists each check", async () => {
    const { status, stdout } = await system.run(["server", "healthcheck", "--verbose"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok {4}ready: serving$/m);
  });

  it("explain ends with 1 and says what is missing", async () => {
    const words = ["explain", "--selector", "unix:uid:4711", "--output", "json"];
    const { status, stdout } = await system.run(words);
    expect(status).toBe(1);
    const { matches, findings } = JSON.parse(stdout) as { matches: object[]; findings: { code: string }[] };
    expect(matches).toEqual([]);
    expect(findings.length).toBeGreaterThan(0);
    for (const { code } of findings) expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
  });
});
