// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peerCommand } from "../peers.ts";
import { expect, type Suite } from "../suite.ts";
import { MayflyAgent, MayflyServer, runProgram, type Finished } from "../../processes.ts";

/** One command of `spire-server`, its JSON answer. */
type Spire = (...words: readonly string[]) => Record<string, unknown>;

interface Operator {
  readonly spire: Spire;
  readonly raw: (...words: readonly string[]) => Finished;
}

function operator(server: MayflyServer): Operator {
  const [program = ""] = peerCommand("spire-server");
  const raw = (...words: readonly string[]): Finished =>
    runProgram([program, ...words, "-socketPath", server.adminSocket]);
  const spire = (...words: readonly string[]): Record<string, unknown> => {
    const result = raw(...words, "-output", "json");
    if (result.status !== 0) throw new Error(`spire-server ${words.join(" ")}: ${result.stdout}${result.stderr}`);
    return JSON.parse(result.stdout) as Record<string, unknown>;
  };
  return { spire, raw };
}

function has(answer: unknown, text: string): void {
  expect(JSON.stringify(answer).includes(text), `expected ${text} in ${JSON.stringify(answer)}`);
}

async function tokensAndNodes(suite: Suite, { spire }: Operator, agent: MayflyAgent): Promise<void> {
  await suite.check("spire-server token generate", () => {
    has(spire("token", "generate", "-ttl", "60", "-spiffeID", "spiffe://example.org/alias"), "value");
  });
  await suite.check("spire-server agent list, count, show", () => {
    has(spire("agent", "list"), agent.id.split("/").at(-1) ?? "?");
    has(spire("agent", "count"), "count");
    has(spire("agent", "show", "-spiffeID", agent.id), "x509svid_serial_number");
  });
}

async function entries(suite: Suite, { spire, raw }: Operator, agent: MayflyAgent): Promise<void> {
  let id = "";
  await suite.check("spire-server entry create, show, count", () => {
    const created = spire(
      "entry",
      "create",
      "-spiffeID",
      "spiffe://example.org/a",
      "-parentID",
      agent.id,
      "-selector",
      "unix:uid:1",
      "-dns",
      "a.example.org",
      "-x509SVIDTTL",
      "120",
    );
    id = /"id":"([0-9a-f-]{36})"/.exec(JSON.stringify(created))?.[1] ?? "";
    expect(id !== "", JSON.stringify(created));
    has(spire("entry", "show", "-entryID", id), "a.example.org");
    has(spire("entry", "show", "-selector", "unix:uid:1"), id);
    has(spire("entry", "count"), "count");
  });
  await suite.check("spire-server entry create again says that a similar entry exists", () => {
    const again = raw(
      "entry",
      "create",
      "-spiffeID",
      "spiffe://example.org/a",
      "-parentID",
      agent.id,
      "-selector",
      "unix:uid:1",
    );
    expect(
      again.status !== 0 && /similar entry already exists/.test(again.stdout + again.stderr),
      again.stdout + again.stderr,
    );
  });
  await suite.check("spire-server entry create -data", () => {
    const file = join(mkdtempSync(join(tmpdir(), "mayfly-interop-")), "entries.json");
    const entry = {
      spiffe_id: "spiffe://example.org/d",
      parent_id: agent.id,
      selectors: [{ type: "unix", value: "uid:2" }],
    };
    writeFileSync(file, JSON.stringify({ entries: [entry] }));
    has(spire("entry", "create", "-data", file), "/d");
  });
  await suite.check("spire-server entry update, delete", () => {
    has(
      spire(
        "entry",
        "update",
        "-entryID",
        id,
        "-spiffeID",
        "spiffe://example.org/b",
        "-parentID",
        agent.id,
        "-selector",
        "unix:uid:1",
      ),
      '"revision_number":"1"',
    );
    has(spire("entry", "delete", "-entryID", id), id);
  });
}

async function bundles(suite: Suite, { spire, raw }: Operator): Promise<void> {
  await suite.check("spire-server bundle show, count, set, list, delete", () => {
    has(spire("bundle", "show"), "x509_authorities");
    const document = raw("bundle", "show", "-format", "spiffe").stdout;
    has(JSON.parse(document), "jwt-svid");
    const file = join(mkdtempSync(join(tmpdir(), "mayfly-interop-")), "bundle.json");
    writeFileSync(file, document);
    has(spire("bundle", "set", "-id", "spiffe://other.org", "-path", file, "-format", "spiffe"), "other.org");
    has(spire("bundle", "list"), "other.org");
    has(spire("bundle", "count"), "count");
    has(spire("bundle", "delete", "-id", "spiffe://other.org"), "other.org");
  });
}

async function minting(suite: Suite, { raw }: Operator): Promise<void> {
  await suite.check("spire-server x509 mint; openssl accepts the chain", () => {
    const dir = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
    const minted = raw(
      "x509",
      "mint",
      "-spiffeID",
      "spiffe://example.org/minted",
      "-dns",
      "m.example.org",
      "-write",
      dir,
    );
    expect(minted.status === 0, minted.stdout + minted.stderr);
    const verdict = runProgram([
      "openssl",
      "verify",
      "-x509_strict",
      "-CAfile",
      join(dir, "bundle.pem"),
      join(dir, "svid.pem"),
    ]);
    expect(verdict.status === 0, verdict.stdout + verdict.stderr);
    expect(readFileSync(join(dir, "key.pem"), "utf8").includes("PRIVATE KEY"), "no key");
  });
  await suite.check("spire-server jwt mint", () => {
    const minted = raw("jwt", "mint", "-spiffeID", "spiffe://example.org/minted", "-audience", "x");
    expect(minted.status === 0 && minted.stdout.trim().split(".").length === 3, minted.stdout + minted.stderr);
  });
}

async function authorities(suite: Suite, { spire }: Operator): Promise<void> {
  for (const kind of ["x509", "jwt"]) {
    await suite.check(`spire-server localauthority ${kind} show, prepare, activate, taint, revoke`, () => {
      const before = spire("localauthority", kind, "show") as { active: { authority_id: string } };
      const prepared = spire("localauthority", kind, "prepare") as { prepared_authority: { authority_id: string } };
      spire("localauthority", kind, "activate", "-authorityID", prepared.prepared_authority.authority_id);
      has(spire("localauthority", kind, "show"), `"old":{"authority_id":"${before.active.authority_id}"`);
      spire("localauthority", kind, "taint", "-authorityID", before.active.authority_id);
      spire("localauthority", kind, "revoke", "-authorityID", before.active.authority_id);
    });
  }
}

/** The `spire-server` command, verb by verb, against our admin socket. */
export async function spireCli(suite: Suite): Promise<void> {
  await using server = await MayflyServer.start();
  await using agent = await MayflyAgent.start(server);
  const spire = operator(server);
  await suite.check("spire-server healthcheck", () => {
    const health = spire.raw("healthcheck");
    expect(health.status === 0, health.stdout + health.stderr);
  });
  await suite.check("spire-server logger get, set, reset", () => {
    has(spire.spire("logger", "get"), "current_level");
    spire.spire("logger", "set", "-level", "debug");
    spire.spire("logger", "reset");
  });
  await tokensAndNodes(suite, spire, agent);
  await entries(suite, spire, agent);
  await bundles(suite, spire);
  await minting(suite, spire);
  await authorities(suite, spire);
  await suite.check("spire-server agent ban, evict, purge", () => {
    spire.spire("agent", "ban", "-spiffeID", agent.id);
    has(spire.spire("agent", "show", "-spiffeID", agent.id), '"banned":true');
    spire.spire("agent", "evict", "-spiffeID", agent.id);
    expect(spire.raw("agent", "purge").status === 0, "purge failed");
  });
}
