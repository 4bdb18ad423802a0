// SPDX-License-Identifier: Apache-2.0
import { silentLogger } from "@mayfly/telemetry";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, PostgresTarget } from "../src/postgres/postgres-target.ts";
import { LoginStorm } from "./login-storm.ts";
import { LeaseCluster } from "./target.ts";

/** MAYFLY_FIGURES=100 for the record: commits wait for the disk. */
const many = Number(process.env["MAYFLY_FIGURES"] ?? 10);

let cluster: LeaseCluster;
let target: PostgresTarget;
let made = 0;
beforeAll(async () => {
  cluster = await LeaseCluster.start({ durable: true, settings: { max_connections: String(many + 300) } });
  target = await PostgresTarget.open(cluster.config({ connectionLimit: 20 }), silentLogger);
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

async function timed<T>(times: number[], action: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const value = await action();
  times.push(performance.now() - started);
  return value;
}

async function make(): Promise<Account> {
  const notAfter = new Date(Date.now() + 600_000);
  return await target.createAccount({ name: `mayfly_t_${++made}`, taskId: "t-1", notAfter, mode: "leased" });
}

/** As many as a broker is asked for at a time. */
async function makeMany(times: number[] = []): Promise<Account[]> {
  const accounts: Account[] = [];
  while (accounts.length < many) {
    const wanted = Math.min(100, many - accounts.length);
    accounts.push(...(await Promise.all(Array.from({ length: wanted }, () => timed(times, make)))));
  }
  return accounts;
}

async function openSession({ name, secret }: Account): Promise<Client> {
  return await cluster.login({ user: name, password: secret.reveal() });
}

function show(what: string, times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  console.log(`${what}: n ${times.length}, p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`);
  return at(0.5);
}

/** Ends all at once; every session that was open is dead when its end is proven. */
async function endAll(what: string, accounts: readonly Account[]): Promise<void> {
  const sessions = await Promise.all(accounts.map((account) => openSession(account)));
  const [times, dropped]: [number[], number[]] = [[], []];
  await Promise.all(
    accounts.map(async (account, index) => {
      const detail = await timed(times, () => target.endAccount(account));
      dropped.push(Number(detail["dropped_ms"]));
      await expect(sessions[index]?.query("SELECT 1")).rejects.toThrow();
    }),
  );
  show(`${what}: cut, settled and dropped`, dropped);
  show(`${what}: proven`, times);
}

describe("how long it takes", { timeout: 300_000 }, () => {
  it(`to make and end accounts alone, ${many} times`, async () => {
    const [makes, ends]: [number[], number[]] = [[], []];
    for (let round = 0; round < Math.min(many, 30); round++) {
      const account = await timed(makes, make);
      const session = await openSession(account);
      await timed(ends, () => target.endAccount(account));
      await expect(session.query("SELECT 1")).rejects.toThrow();
    }
    show("create, alone", makes);
    expect(show("end, alone", ends)).toBeLessThan(1_000);
  });

  it(`to make and end ${many} at once, each with an open session`, async () => {
    const makes: number[] = [];
    const accounts = await makeMany(makes);
    show(`create, ${Math.min(many, 100)} at once`, makes);
    await endAll(`end, ${many} at once`, accounts);
  });

  it(`to end ${many} at once while others log in`, async () => {
    const accounts = await makeMany();
    const [stormed] = accounts;
    const login = cluster.postgres.login({ user: stormed?.name ?? "", password: stormed?.secret.reveal() ?? "" });
    const storm = new LoginStorm(login, "readers");
    await storm.start(8);
    await endAll(`end, ${many} at once under a login storm`, accounts);
    const late = storm.readsAfter();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(late()).toBe(0);
    await storm.stop();
  });
});
