// SPDX-License-Identifier: Apache-2.0
// Each guard cut off from the server, at each tier: what passes, and until when, as seen by processes outside.
import { setTimeout as sleep } from "node:timers/promises";
import { type Tier, tierNames, tiers } from "@mayfly/tasks";
import { Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { scopes } from "../demo/world/configurations.ts";
import { DemoWorld } from "../demo/world/demo-world.ts";
import { mayfly } from "../demo/world/files.ts";
import { Background, until } from "../processes.ts";
import { type CableName, cableNames, Cables, whyNoCables } from "./guards/cables.ts";
import { Probing } from "./guards/probing.ts";
import { addWatched, WatchedTask } from "./guards/watched-task.ts";

const whyNot = whyNoCables();
if (whyNot !== undefined) console.log(`no cable is cut: ${whyNot}`);
/** How much later than a guard's decision a watcher may see what came of it, on a machine with other work. */
const seenMs = 1000;
/** A fence counts from the last beat that was answered, and there is one each second. */
const beatMs = 1000;
const longestMs = tiers.T0.fenceMs + seenMs + 500;

/** When something worked last, by tier, ms after the cut. */
type LastPasses = Readonly<Record<Tier, number>>;

let world: DemoWorld;
let cables: Cables | undefined;
let watched: readonly WatchedTask[];
let database: Pool;
beforeAll(async () => {
  cables = whyNot === undefined ? new Cables() : undefined;
  world = await DemoWorld.start(undefined, cables);
  for (const tier of tierNames) await addWatched(world, tier);
  watched = await Promise.all(tierNames.map((tier) => WatchedTask.start(world, tier)));
  database = new Pool({ ...world.postgres.login(), max: tierNames.length });
}, 180_000);
afterEach(() => {
  for (const name of cableNames) cables?.mend(name);
  process.kill(world.server.pid, "SIGCONT");
});
afterAll(async () => {
  await database.end();
  await world[Symbol.asyncDispose]();
  cables?.[Symbol.dispose]();
}, 60_000);

/** Whether the task has a session at the database, by the database. */
async function hasSession({ id }: WatchedTask): Promise<boolean> {
  const text = "SELECT FROM pg_stat_activity WHERE starts_with(usename, $1)";
  return ((await database.query(text, [`mayfly_${id.replace("-", "_")}_`])).rowCount ?? 0) > 0;
}

async function eachUntil(what: string, works: (task: WatchedTask) => Promise<boolean>, tasks = watched): Promise<void> {
  for (const task of tasks) {
    const end = performance.now() + 60_000;
    while (!(await works(task).catch(() => false)))
      if (performance.now() > end) throw new Error(`${what}: ${task.tier}: ${task.bot.log.slice(-2000)}`);
  }
}

/** Resolves when each of them worked once. */
async function probings(attempts: readonly (() => Promise<boolean> | boolean)[]): Promise<Probing[]> {
  const probes = attempts.map((attempt) => new Probing(attempt));
  await Promise.all(probes.map(({ firstPass }) => firstPass));
  return probes;
}

async function lastPasses(probes: readonly Probing[], cutMs: number): Promise<LastPasses> {
  await Promise.all(probes.map((probe) => probe.stop()));
  const byTier = tierNames.map((tier, index) => [tier, (probes[index]?.lastPassMs ?? 0) - cutMs] as const);
  return Object.fromEntries(byTier) as LastPasses;
}

function expectFenced(what: string, passes: LastPasses, { notBefore = true } = {}): void {
  const told = tierNames.map((tier) => `${tier} ${(passes[tier] / 1000).toFixed(2)} s`).join(", ");
  console.log(`${what}: last seen to work after the cut: ${told}`);
  for (const tier of tierNames) {
    const { fenceMs } = tiers[tier];
    expect(passes[tier], `${what} at ${tier}`).toBeLessThanOrEqual(fenceMs + seenMs);
    // What ended long before was not ended by the fence.
    if (notBefore) expect(passes[tier], `${what} at ${tier}`).toBeGreaterThan(fenceMs - beatMs - seenMs);
  }
}

/** Cuts a guard off for longer than the longest fence. */
async function cutOff(name: CableName): Promise<number> {
  cables?.cut(name);
  const cutMs = performance.now();
  await sleep(longestMs);
  return cutMs;
}

/** The cable is back: what the server says counts again, and nothing else. It suspended a task that the guard could not be told of. */
async function mended(name: CableName, works: (task: WatchedTask) => Promise<boolean>): Promise<void> {
  const [suspended, ...others] = watched.toReversed();
  if (suspended === undefined) throw new Error("no task");
  await change("suspend", suspended);
  cables?.mend(name);
  const mendedMs = performance.now();
  await eachUntil("works again", works, others);
  console.log(`${name}: works again ${((performance.now() - mendedMs) / 1000).toFixed(1)} s after the cable is back`);
  expect(await works(suspended).catch(() => false)).toBe(false);
  await change("resume", suspended);
  await eachUntil("works after resume", works, [suspended]);
}

async function change(verb: "suspend" | "resume", { id }: WatchedTask): Promise<void> {
  const { status, stderr } = await world.mayfly(["task", verb, id]);
  expect(status, stderr).toBe(0);
}

describe.runIf(whyNot === undefined)("a guard that is cut off from the server", () => {
  it("agent: gives no SVID after the fence, and ends the streams of the task", { timeout: 300_000 }, async () => {
    await eachUntil("gets an SVID", (task) => task.getsSvid());
    await using watchers = new AsyncDisposableStack();
    const streams = await Promise.all(tierNames.map(async (tier) => watchers.use(await startWatcher(tier))));
    const svids = await probings(watched.map((task) => () => task.getsSvid()));
    const open = await probings(streams.map((stream) => () => !stream.log.includes("has been silent for too long")));
    const cutMs = await cutOff("agent");
    expectFenced("SVIDs of a cut-off agent", await lastPasses(svids, cutMs));
    expectFenced("streams of a cut-off agent", await lastPasses(open, cutMs));
    await mended("agent", (task) => task.getsSvid());
  });

  it("gateway: lets no call through, and closes the connections of the task", { timeout: 300_000 }, async () => {
    await eachUntil("calls", (task) => task.calls());
    const held = await Promise.all(watched.map((task) => task.hold()));
    const open = await probings(held);
    const calls = await probings(watched.map((task) => () => task.calls()));
    const cutMs = await cutOff("gateway");
    expectFenced("connections at a cut-off gateway", await lastPasses(open, cutMs));
    // Each call asks the server: without it none passes, however long the fence is.
    expectFenced("calls at a cut-off gateway", await lastPasses(calls, cutMs), { notBefore: false });
    await mended("gateway", (task) => task.calls());
  });

  it("broker: gives no lease, and cuts the sessions of the task", { timeout: 300_000 }, async () => {
    await eachUntil("calls", (task) => task.calls());
    expect(await Promise.all(watched.map(hasSession))).toEqual([true, true, true, true]);
    const sessions = await probings(watched.map((task) => () => hasSession(task)));
    const calls = await probings(watched.map((task) => () => task.calls()));
    const cutMs = await cutOff("broker");
    expectFenced("sessions at a cut-off broker", await lastPasses(sessions, cutMs));
    expectFenced("calls over a cut-off broker", await lastPasses(calls, cutMs), { notBefore: false });
    await mended("broker", (task) => task.calls());
  });
});

describe("a server that is stopped", () => {
  it("is obeyed by no guard for longer than the fence, and by all of them again when it goes on", async () => {
    await eachUntil("calls", (task) => task.calls());
    const held = await Promise.all(watched.map((task) => task.hold()));
    const open = await probings(held);
    const sessions = await probings(watched.map((task) => () => hasSession(task)));
    const svids = await probings(watched.map((task) => () => task.getsSvid()));
    process.kill(world.server.pid, "SIGSTOP");
    const stoppedMs = performance.now();
    await sleep(tiers.T2.fenceMs + seenMs + 500);
    const passes = await Promise.all([open, sessions, svids].map((probes) => lastPasses(probes, stoppedMs)));
    process.kill(world.server.pid, "SIGCONT");
    for (const tier of ["T2", "T3"] as const)
      for (const last of passes) expect(last[tier]).toBeLessThanOrEqual(tiers[tier].fenceMs + seenMs);
    // The fences of the others are longer.
    for (const tier of ["T0", "T1"] as const)
      for (const last of passes) expect(last[tier]).toBeGreaterThan(tiers.T2.fenceMs);
    await eachUntil("works again", (task) => task.calls());
  });
});

async function startWatcher(tier: Tier): Promise<Background> {
  const { ticketFile } = await world.startTask({ agent: `watched-${tier.toLowerCase()}`, scope: scopes.scribe });
  const { mayfly: command, user } = world.account("ir-bot");
  const words = ["task", "exec", "--ticket-file", ticketFile, "--socket", world.agent.socket, "--"];
  const watcher = new Background([...command, ...words, mayfly, "workload", "watch"], world.agent.env, "", user);
  await until(
    () => watcher.log,
    () => watcher.log.includes(" until "),
  );
  return watcher;
}
