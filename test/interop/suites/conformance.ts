// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type JudgedRow, mergeRuns, publishTable } from "../conformance-table.ts";
import { Background, MayflyAgent, MayflyServer } from "../../processes.ts";
import { RunningSpireAgent } from "../spire-agent-process.ts";
import { expect, type Suite } from "../suite.ts";

const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));
/** Long enough for SVIDs of 10 s to be renewed and for the changes below to come through. */
const wait = "22s";
/** When the first keys are made: all streams are open then, and all calls are over. */
const keysAfterMs = 4000;
/** Longer than spire-agent waits between two polls, so that it learns of each change by itself. */
const keysEveryMs = 6000;
const newKeys = ["jwt", "jwt", "x509"];

/** Rows in which our agent differs from the standard on purpose, `id title` and the reason. */
const deviations: ReadonlyMap<string, string> = new Map();

interface Run {
  readonly status: number;
  readonly rows: readonly JudgedRow[];
}

async function conformanceOf(
  env: Record<string, string>,
  watch: string,
  meanwhile?: () => Promise<void>,
): Promise<Run> {
  const command = [mayfly, "workload", "conformance", "--wait", watch, "--output", "json"];
  await using running = new Background(command, env);
  await meanwhile?.();
  const { status, stdout, stderr } = await running.ended;
  expect(stdout !== "", stderr);
  return { status, rows: (JSON.parse(stdout) as { rows: JudgedRow[] }).rows };
}

/** Something that serves workloads, with our server behind it. */
interface Endpoint {
  readonly id: string;
  readonly env: Record<string, string>;
  /** Resolves when it knows of the entries. */
  settled(): Promise<void>;
}

/** Judges an endpoint first as a process without identity, then as one with two, while SVIDs are renewed and keys are made. */
async function bothRuns(server: MayflyServer, endpoint: Endpoint): Promise<readonly [Run, Run]> {
  const stranger = await conformanceOf(endpoint.env, "1s");
  const selector = `unix:uid:${process.getuid?.() ?? 0}`;
  const more = ["--x509-svid-ttl", "10s", "--federates-with", "other.test"];
  for (const name of ["a", "b"])
    server.createEntry(`/conformance/${name}`, endpoint.id, [selector], "--hint", name, ...more);
  await endpoint.settled();
  const workload = await conformanceOf(endpoint.env, wait, async () => {
    await sleep(keysAfterMs);
    for (const kind of newKeys) {
      server.mayfly("authority", "prepare", kind);
      await sleep(keysEveryMs);
    }
  });
  return [stranger, workload];
}

/** Exit 1 exactly when a MUST is broken. */
function expectStatus({ status, rows }: Run): void {
  const failed = rows.some(({ verdict }) => verdict === "fail");
  expect(status === (failed ? 1 : 0), `exit code ${status} with ${failed ? "a" : "no"} broken MUST`);
}

async function ours(suite: Suite, server: MayflyServer): Promise<void> {
  await using agent = await MayflyAgent.start(server);
  const endpoint = { id: agent.id, env: agent.env, settled: () => sleep(1000) };
  await suite.check("our agent breaks no MUST and no SHOULD, and is judged as published", async () => {
    const runs = await bothRuns(server, endpoint);
    runs.forEach(expectStatus);
    const rows = mergeRuns(runs.map((run) => run.rows));
    const broken = rows.filter(({ verdict }) => verdict === "fail" || verdict === "warn");
    const unlisted = broken.filter(({ id, title }) => !deviations.has(`${id} ${title}`));
    expect(unlisted.length === 0, JSON.stringify(unlisted, undefined, 1));
    publishTable("mayfly.md", "our agent", rows);
  });
}

async function spires(suite: Suite, server: MayflyServer, dir: string): Promise<void> {
  await using agent = await RunningSpireAgent.start(server, dir);
  await suite.check("spire-agent 1.13.3 is judged as published", async () => {
    const runs = await bothRuns(server, { id: agent.id, env: agent.env, settled: () => agent.serves(2) });
    runs.forEach(expectStatus);
    publishTable("spire-agent-1.13.3.md", "spire-agent 1.13.3", mergeRuns(runs.map((run) => run.rows)));
  });
}

/** The SPIFFE bundle of another trust domain, in a file. */
async function foreignBundle(dir: string): Promise<string> {
  await using server = await MayflyServer.start({ trust_domain: "other.test" });
  const file = join(dir, "other.json");
  writeFileSync(file, server.mayfly("bundle", "show", "--format", "spiffe"));
  return file;
}

/** `mayfly workload conformance` against our agent and an unmodified spire-agent, compared with the published tables. */
export async function conformance(suite: Suite): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
  {
    await using server = await MayflyServer.start();
    const words = ["bundle", "set", "--trust-domain", "other.test", "--format", "spiffe"];
    server.mayfly(...words, await foreignBundle(dir));
    await ours(suite, server);
    await spires(suite, server, dir);
  }
  rmSync(dir, { recursive: true, force: true });
}
