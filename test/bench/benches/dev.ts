// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { environment } from "../../processes.ts";
import { type Report, since } from "../measure.ts";

const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));

/** `mayfly dev` from exec to the line that shows the first SVID. */
export async function dev(report: Report): Promise<void> {
  const samples: number[] = [];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    const child = spawn(mayfly, ["dev", "--once"], { env: environment(), stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: child.stdout })) {
      if (!/not after|expires|serial/i.test(line)) continue;
      samples.push(since(started));
      break;
    }
    const gone = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill("SIGTERM");
    await gone;
  }
  report.latency({ bench: "dev", system: "mayfly", target: "p50 <= 2000" }, "mayfly dev, exec → first SVID", samples);
}
