// SPDX-License-Identifier: Apache-2.0
import { runDemo } from "./run-demo.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => stop.abort(new Error(`${signal} came`)));
// Nobody reads any more.
process.stdout.on("error", (error) => stop.abort(error));
const { passed } = await runDemo((line) => process.stdout.write(`${line}\n`), stop.signal);
// As a shell has it for who was interrupted.
process.exitCode = stop.signal.aborted ? 130 : passed ? 0 : 1;
