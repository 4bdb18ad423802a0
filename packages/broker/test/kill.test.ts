// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger } from "@mayfly/telemetry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LeaseBook } from "../src/lease/lease-book.ts";
import { PostgresTarget } from "../src/postgres/postgres-target.ts";
import { Reconciler } from "../src/reconcile/reconciler.ts";
import { alwaysActive } from "./always-active.ts";
import { FileLedger } from "./ports.ts";
import { LeaseCluster } from "./target.ts";
import { until } from "./world.ts";

/** MAYFLY_KILLS=200 for the record. */
const kills = Number(process.env["MAYFLY_KILLS"] ?? 6);
const child = fileURLToPath(new URL("./kill-child.ts", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "mayfly-kill-"));

let cluster: LeaseCluster;
beforeAll(async () => {
  cluster = await LeaseCluster.start();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** Starts a broker's core on the ledger and kills it at some instant; gives how many roles stood then. */
async function killOne(ledgerFile: string): Promise<number> {
  const config = cluster.config({ settleMs: 250 });
  const broker = spawn(process.execPath, ["--conditions=@mayfly/source", child, JSON.stringify(config), ledgerFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(broker.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
  const exited = once(broker, "exit");
  broker.kill("SIGKILL");
  const [, signal] = (await exited) as [unknown, string | null];
  expect(signal).toBe("SIGKILL");
  // What it had sent is done or undone: its sessions see that it is gone.
  const sessions = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'mayfly_broker'";
  await until(async () => (await cluster.superuser.query<{ n: number }>(sessions)).rows[0]?.n === 0);
  return (await cluster.roles()).length;
}

/** What the next start does, and what is left after it. */
async function restart(
  ledgerFile: string,
): Promise<{ orphans: number; foreign: number; roles: string[]; leases: number }> {
  const ledger = new FileLedger(ledgerFile);
  await using target = await PostgresTarget.open(cluster.config(), silentLogger);
  const targets = new Map([[target.name, target]]);
  const logger = silentLogger;
  await using book = new LeaseBook({
    targets,
    ledger,
    watch: alwaysActive,
    logger,
    by: () => "spiffe://example.org/broker",
  });
  const { orphans, foreign } = await new Reconciler({ targets, ledger, book, logger }).reconcile(target);
  await until(() => book.all.length === 0);
  await book.close();
  const leases = (await ledger.list()).length;
  ledger.close();
  return { orphans: orphans.length, foreign: foreign.length, roles: await cluster.roles(), leases };
}

describe("a broker killed between making a role and its record", () => {
  it(`SEC-D05 leaves no role after the next start, in ${kills} rounds`, {
    timeout: 60_000 + kills * 20_000,
  }, async () => {
    const ledgerFile = join(dir, "ledger");
    let [stood, orphans, foreign] = [0, 0, 0];
    for (let round = 0; round < kills; round++) {
      const roles = await killOne(ledgerFile);
      const after = await restart(ledgerFile);
      expect({ round, roles: after.roles, leases: after.leases }).toEqual({ round, roles: [], leases: 0 });
      stood += roles;
      orphans += after.orphans;
      foreign += after.foreign;
    }
    // Otherwise nothing was tried.
    expect(stood).toBeGreaterThan(kills);
    expect(foreign).toBeGreaterThanOrEqual(stood - orphans);
    console.log(
      `kills: ${kills} rounds, ${stood} roles stood, ${foreign} leases ended, ${orphans} roles without lease dropped`,
    );
  });
});
