// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Credential } from "../../../packages/broker/test/task-ends/messages.ts";
import { type Report } from "../measure.ts";
import { CpuMeter } from "../task-ends/cpu-meter.ts";
import { EndingSystem, type ProvenEnd } from "../task-ends/ending-system.ts";

/** Ends of each way; MAYFLY_ENDS=20,40,100 for a look. */
const [alone = 150, inEights = 400, together = 1_000] = (process.env["MAYFLY_ENDS"] ?? "")
  .split(",")
  .filter(Boolean)
  .map(Number);
/** Credentials that the storm tries: of the ends under way, and some before and after them. */
const aimBefore = 8;
const aimAfter = 24;
const lookAfterMs = 2_500;
const heldByEach = 3;

/** Ends tasks, so many at once, while the storm goes on; each is told as soon as it is proven. */
async function endAll(
  system: EndingSystem,
  tasks: readonly Credential[],
  atOnce: number,
): Promise<readonly ProvenEnd[]> {
  const ends: ProvenEnd[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index]?.task ?? "";
      const aim = tasks.slice(Math.max(0, index - aimBefore), index + Math.max(atOnce, aimAfter));
      if (atOnce < tasks.length) system.storm.tell({ aim });
      ends.push(await system.end(task));
      system.holder.tell({ proven: task });
      system.storm.tell({ proven: task });
    }
  };
  if (atOnce >= tasks.length) system.storm.tell({ aim: tasks });
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, one));
  return ends;
}

/** The processes outside say what they saw; anything but nothing alive is the end of the bench. */
async function judge(system: EndingSystem): Promise<{ readonly asked: number; readonly logins: number }> {
  await sleep(lookAfterMs);
  system.storm.tell({ aim: [] });
  system.storm.tell({ tell: true });
  system.holder.tell({ tell: true });
  const [held, stormed] = [await system.holder.word(), await system.storm.word()];
  if (!("asked" in held)) throw new Error("the holder said something else");
  if (held.alive > 0 || stormed.late > 0) {
    throw new Error(
      `after their proof ${String(held.alive)} sessions answered, and ${String(stormed.late)} of the storm read`,
    );
  }
  return { asked: held.asked, logins: stormed.logins };
}

/** All that is held answers before its end: otherwise its silence afterwards would say nothing. */
async function control(system: EndingSystem, tasks: readonly Credential[]): Promise<void> {
  system.holder.tell({ control: true });
  const word = await system.holder.word();
  if (!("answering" in word) || word.answering !== tasks.length * heldByEach) {
    throw new Error(`not everything that is held answers: ${JSON.stringify(word)}`);
  }
}

async function round(
  report: Report,
  system: EndingSystem,
  { name, count, atOnce }: { name: string; count: number; atOnce: number },
): Promise<void> {
  const head = { bench: "task-ends", system: "mayfly", target: "" };
  const opening = performance.now();
  const tasks = await system.open(count);
  await control(system, tasks);
  report.add({ ...head, figure: `${name}: to open all`, value: (performance.now() - opening) / 1_000, unit: "s" });
  const meter = new CpuMeter(system.pids);
  const ends = await endAll(system, tasks, atOnce);
  const spent = meter.spent();
  const { asked, logins } = await judge(system);
  const recorded = await system.recorded(new Set(tasks.map(({ task }) => task)));
  const healthy = recorded.map(({ healthyMs }) => healthyMs);
  report.latency({ ...head, target: "p99 ≤ 1000 ms" }, `${name}: quiet (healthy)`, healthy);
  report.add({ ...head, figure: `${name}: quiet (healthy), max`, value: Math.max(...healthy), unit: "ms" });
  report.latency(
    head,
    `${name}: quiet, from the request`,
    ends.map(({ ms }) => ms),
  );
  for (const step of ["disabled_ms", "settled_ms", "tried_ms", "dropped_ms", "verified_ms"]) {
    const times = ends.flatMap(({ steps }) => steps.flatMap((each) => each[step] ?? []));
    report.latency(head, `${name}: of a lease, ${step.slice(0, -3)}`, times);
  }
  const fenced = recorded.filter(({ fenceMs }) => fenceMs > 0).length;
  report.add({ ...head, figure: `${name}: ends that waited for a fence`, value: fenced, unit: "", target: "0" });
  report.add({
    ...head,
    figure: `${name}: answers after the proof, of ${String(asked)} asked`,
    value: 0,
    unit: "",
    target: "0",
  });
  report.add({ ...head, figure: `${name}: logins of the storm`, value: logins, unit: "" });
  for (const [part, seconds] of Object.entries(spent)) {
    report.add({ ...head, figure: `${name}: CPU of ${part}`, value: (seconds * 1_000) / count, unit: "ms an end" });
  }
}

/**
 * Ends of tasks, each with a brokered session, one under a leased credential and a socket through the gateway, which a process outside
 * holds, while another logs in with the credentials. Every part is a process of its own.
 */
export async function taskEnds(report: Report): Promise<void> {
  const most = Math.max(alone, inEights, together);
  await using system = await EndingSystem.start(most * 2 + 100);
  await round(report, system, { name: "one by one", count: alone, atOnce: 1 });
  await round(report, system, { name: "8 at once", count: inEights, atOnce: 8 });
  await round(report, system, { name: `${String(together)} at once`, count: together, atOnce: together });
}
