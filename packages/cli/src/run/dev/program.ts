// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from "node:child_process";
import { CliFailure } from "../../failure.ts";
import { childFile } from "./child.ts";
import type { Order, Report } from "./messages.ts";

type ReportOf<Kind extends Report["report"]> = Extract<Report, { report: Kind }>;

const stopTimeoutMs = 2_000;

/** A demonstration program: a process of its own that gets an identity like any other. */
export class DemonstrationProgram implements AsyncDisposable {
  readonly name: string;
  /** Absolute path of its executable: what its registration entry names. */
  readonly executable: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #reports: Report[] = [];
  #wake: (() => void) | undefined;

  constructor(name: string, executable: string, workloadSocket: string) {
    this.name = name;
    this.executable = executable;
    this.#child = fork(childFile, [name, `unix://${workloadSocket}`], {
      execPath: executable,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#exited = new Promise((resolve) => {
      const over = (code: string, message: string): void => {
        this.#take({ report: "failed", code, message });
        resolve();
      };
      this.#child.once("exit", (code, signal) => over("INTERNAL", `ended with ${signal ?? code}`));
      // EACCES: the file system may not execute programs.
      this.#child.once("error", (error) => over("NOT_STARTED", `${error.message}; --dir takes another directory`));
    });
    this.#child.on("message", (message) => this.#take(message as Report));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends an order; what comes of it arrives as a report. */
  send(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }

  /** The next report of a kind; those of other kinds stay for others to ask for. @throws {CliFailure} what the program failed with, or DEV_TIMEOUT */
  async next<Kind extends Report["report"]>(
    kind: Kind,
    options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<ReportOf<Kind>> {
    const deadline = AbortSignal.timeout(options.timeoutMs);
    const signal = AbortSignal.any([options.signal, deadline]);
    for (;;) {
      options.signal.throwIfAborted();
      const index = this.#reports.findIndex(({ report }) => report === kind || report === "failed");
      const [report] = index === -1 ? [] : this.#reports.splice(index, 1);
      if (report?.report === "failed")
        throw new CliFailure({ foreign: report.code }, `${this.name}: ${report.message}`);
      if (report !== undefined) return report as ReportOf<Kind>;
      if (deadline.aborted)
        throw new CliFailure("DEV_TIMEOUT", `${this.name} did not get as far as ${JSON.stringify(kind)} in time`);
      await this.#something(signal);
    }
  }

  #take(report: Report): void {
    this.#reports.push(report);
    this.#wake?.();
  }

  #something(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = done;
      if (signal.aborted) done();
      else signal.addEventListener("abort", done);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It ends when its channel closes.
    if (this.#child.connected) this.#child.disconnect();
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), stopTimeoutMs);
    await this.#exited;
    clearTimeout(kill);
  }
}
