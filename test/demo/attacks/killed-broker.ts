// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from "node:assert/strict";
import { until } from "../../processes.ts";
import { refusalOf } from "../beats/refusal.ts";
import type { DemoWorld } from "../world/demo-world.ts";
import type { Attack } from "./attack.ts";
import { beginQuery } from "./begin-query.ts";
import { holdTable } from "./held-table.ts";
import { lastOf } from "./last-of.ts";
import { rolesOf } from "./roles-of.ts";
import { withBot } from "./with-bot.ts";

interface LeaseRow {
  readonly id: string;
  readonly state: string;
  readonly task_id: string;
}

/** The database is held back in the middle of CREATE ROLE, so that the kill hits the instant between the role and its record, every time. */
export const killedBroker: Attack = {
  name: "kill -9 of the broker between CREATE ROLE and the record of it",
  control: "the intent is in the record before the database is touched, and names the role: the next start drops it",
  run: async (world) =>
    await withBot(world, async (bot, task) => {
      const roles = (): readonly string[] => rolesOf(world, task);
      const answer = beginQuery(bot);
      await killBetween(world, roles);
      const [role = ""] = roles();
      const [lease] = await leasesOf(world, task.id);
      ok(lease?.state === "issuing", `the record was written already, nothing was tried: ${JSON.stringify(lease)}`);
      const startedMs = performance.now();
      await world.broker.boot();
      await until(
        () => `the end of ${role}: ${world.broker.log}`,
        () => roles().length === 0,
      );
      const ms = performance.now() - startedMs;
      ok(refusalOf(await answer) !== undefined, "the call was answered");
      const [ended] = await lastOf(
        () => leasesOf(world, task.id),
        ([each]) => each?.state === "gone",
      );
      equal(ended?.state, "gone", `the lease ${lease.id} is not recorded as gone`);
      return `${role} stood without a record; ${ms.toFixed(0)} ms after the next start it was gone`;
    }),
};

/** Lets a role be made, and kills the broker before it can hear of it. */
async function killBetween(world: DemoWorld, roles: () => readonly string[]): Promise<void> {
  await using held = await holdTable(world, "pg_authid IN SHARE MODE");
  try {
    const waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'pg_authid'::regclass AND NOT granted";
    await until(
      () => `a CREATE ROLE that waits: ${world.broker.log}`,
      () => world.database.query(waiting) === "1",
    );
    process.kill(world.broker.pid, "SIGSTOP");
    await held.release();
    await until(
      () => "the role",
      () => roles().length === 1,
    );
  } finally {
    await world.broker.crash();
  }
}

async function leasesOf(world: DemoWorld, task: string): Promise<readonly LeaseRow[]> {
  return (await world.json<{ leases: LeaseRow[] }>("lease", "list", "--task", task)).leases;
}
