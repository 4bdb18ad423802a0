// SPDX-License-Identifier: Apache-2.0
import { runDemo } from "./run-demo.ts";

const stop = new AbortController();
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    isInterrupted = true;
    stop.abort(new Error(`${signal} came`));
  });
// What nobody waited for: a defect, and no reason to leave something behind.
process.on("unhandledRejection", (error) => stop.abort(error));
process.on("uncaughtException", (error) => stop.abort(error));
// Nobody reads any more.
process.stdout.on("error", (error) => stop.abort(error));
const { passed } = await runDemo((line) => process.stdout.write(`${line}\n`), stop.signal);
// As a shell has it for who was interrupted.
process.exitCode = isInterrupted ? 130 : passed && !stop.signal.aborted ? 0 : 1;
