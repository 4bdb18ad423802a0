// SPDX-License-Identifier: Apache-2.0
import { createInterface } from "node:readline/promises";
import { CliFailure, exitCode } from "../failure.ts";

/** Whether somebody sits before a terminal who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Asks where somebody can be asked; a script that says so has decided already. @throws {CliFailure} INTERRUPTED for a no */
export async function assertMeant(question: string, signal: AbortSignal): Promise<void> {
  if (!canAsk()) return;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new CliFailure("INTERRUPTED", "nothing was decided", { exit: exitCode.interrupted });
}
