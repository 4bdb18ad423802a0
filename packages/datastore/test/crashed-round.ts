// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** 1,000 for the record (MAYFLY_KILLS=1000); enough here to notice. */
export const rounds: number = Number(process.env["MAYFLY_KILLS"] ?? 30);

/** Runs a writer and kills it; lines that it acknowledged before: the last one may be cut off and does not count. */
export async function crashedRound(writer: URL, file: string, round: number): Promise<string[]> {
  const script = fileURLToPath(writer);
  const args = ["--conditions=@mayfly/source", script, file, String(round)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "close");
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (output === "") setTimeout(() => child.kill("SIGKILL"), Math.random() * 150);
    output += chunk.toString();
  });
  const [, signal] = (await exited) as [number | null, NodeJS.Signals | null];
  expect(signal).toBe("SIGKILL");
  return output.split("\n").slice(0, -1);
}
