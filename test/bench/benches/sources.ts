// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import type { Report } from "../measure.ts";
import { createEntries, firstAnswer, startTarget } from "../target.ts";

const program = fileURLToPath(new URL("../source-process.ts", import.meta.url));
const processes = 20;
const rotations = 10_000;

/** Lines of a process with a source at this endpoint. */
function withSource(address: string, args: readonly string[]): AsyncIterable<string> {
  const child = spawn(process.execPath, ["--conditions=@mayfly/source", program, ...args], {
    env: { ...process.env, SPIFFE_ENDPOINT_SOCKET: address },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return createInterface({ input: child.stdout });
}

async function firstMs(address: string): Promise<number> {
  for await (const line of withSource(address, [])) return (JSON.parse(line) as { firstMs: number }).firstMs;
  throw new Error("the process with a source said nothing");
}

/** Rotates as fast as the source takes it; each update has its own SVID. */
async function rotate(): Promise<{ early: number; late: number }> {
  const ca = TestCa.create({ trustDomain: "bench.test" });
  await using api = await FakeWorkloadApi.start();
  let pushed = 0;
  const push = (): void => {
    api.calls.length = 0;
    api.pushX509({ svids: [{ ca, hint: String(++pushed) }] });
  };
  push();
  for await (const line of withSource(api.address, [String(rotations)])) {
    if (line.startsWith("{")) return JSON.parse(line) as { early: number; late: number };
    if (pushed < rotations && (line === "open" || Number(line) === pushed)) push();
  }
  throw new Error("the process with a source ended early");
}

/** From `X509Source.open` to the first SVID in a fresh process, and the heap over many rotations. */
export async function sources(report: Report): Promise<void> {
  const head = { bench: "sources", system: "mayfly" };
  {
    await using target = await startTarget("mayfly");
    await using agent = await target.startAgent();
    await createEntries(target.admin, agent.id, ["/service"]);
    const address = `unix://${agent.socket}`;
    await firstAnswer(() => firstMs(address));
    const samples: number[] = [];
    for (let round = 0; round < processes; round++) samples.push(await firstMs(address));
    report.latency({ ...head, target: "p50 <= 30" }, "X509Source.open → SVID, new process", samples);
  }
  const { early, late } = await rotate();
  report.add({ ...head, figure: `heap after ${rotations / 10} rotations`, value: early, unit: "MiB", target: "" });
  report.add({ ...head, figure: `heap after ${rotations} rotations`, value: late, unit: "MiB", target: "the same" });
}
