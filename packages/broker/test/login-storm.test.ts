// SPDX-License-Identifier: Apache-2.0
import { silentLogger } from "@mayfly/telemetry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresTarget } from "../src/postgres/postgres-target.ts";
import { LeaseCluster } from "./target.ts";
import { LoginStorm } from "./login-storm.ts";

/** MAYFLY_STORM_ROUNDS=60 for the record. */
const rounds = Number(process.env["MAYFLY_STORM_ROUNDS"] ?? 8);

let cluster: LeaseCluster;
let target: PostgresTarget;
beforeAll(async () => {
  cluster = await LeaseCluster.start({ settings: { max_connections: "200" } });
  target = await PostgresTarget.open(cluster.config({ connectionLimit: 100 }), silentLogger);
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

describe("logins in flight while an account ends", () => {
  it(`get none that reads afterwards, in ${rounds} rounds with role=group in their options`, {
    timeout: 20_000 + rounds * 5_000,
  }, async () => {
    const times: number[] = [];
    let [logins, reads] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const notAfter = new Date(Date.now() + 60_000);
      const account = await target.createAccount({
        name: `mayfly_t_storm_${round}`,
        taskId: "t-1",
        notAfter,
        mode: "leased",
      });
      const storm = new LoginStorm(
        cluster.postgres.login({ user: account.name, password: account.secret.reveal() }),
        "readers",
        round % 3 === 0 ? 1 : 0,
      );
      await storm.start(12);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      const started = performance.now();
      const detail = await target.endAccount(account);
      times.push(performance.now() - started);
      const gone = storm.readsAfter();
      // Those that got in hold on and go on reading, for a while after the proof.
      await new Promise((resolve) => setTimeout(resolve, round % 3 === 0 ? 1_200 : 150));
      expect({ round, late: gone(), detail }).toMatchObject({ late: 0, detail: { late_sessions: 0 } });
      logins += storm.logins;
      reads += storm.reads;
      await storm.stop();
      const { rows } = await cluster.superuser.query(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usesysid = $1::oid",
        [account.oid],
      );
      expect(rows).toEqual([{ n: 0 }]);
    }
    expect(logins).toBeGreaterThan(rounds * 3);
    expect(reads).toBeGreaterThan(rounds * 3);
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): string =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
    console.log(`storm: ${rounds} rounds, ${logins} logins, ${reads} reads; end p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  });
});
