// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isTaskId, type TaskId, tierNames, tiers } from "@mayfly/tasks";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";

/** No task lives longer: what is older than this can be forgotten. */
const keepMs = Math.max(...tierNames.map((name) => tiers[name].maxTaskSeconds)) * 1000;

/**
 * Trees of tasks to which a tool that returns untrusted text was called through this gateway: `untrusted-tasks` in the data directory, a
 * line for each with its root and when. By the tree, since what one task read its relatives may have been told. For good: nothing cleans
 * what was read.
 */
export class UntrustedTasks {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #marks: Map<TaskId, number>;

  /** @throws {GatewayError} STATE_UNREADABLE */
  constructor(dataDir: string, clock: Clock) {
    this.#path = `${dataDir}/untrusted-tasks`;
    this.#clock = clock;
    try {
      this.#marks = read(this.#path, clock.now().getTime() - keepMs);
      writeFileSync(`${this.#path}.new`, [...this.#marks].map(line).join(""), { mode: 0o600, flush: true });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (cause) {
      throw new GatewayError("STATE_UNREADABLE", `${this.#path} can't be read or written`, { cause });
    }
  }

  has(rootId: TaskId): boolean {
    return this.#marks.has(rootId);
  }

  /** Before the tool is called. Durable when it returns. @throws {Error} what the file system says: the call must not be made */
  mark(rootId: TaskId): void {
    if (this.#marks.has(rootId)) return;
    const at = this.#clock.now().getTime();
    appendFileSync(this.#path, line([rootId, at]), { flush: true });
    this.#marks.set(rootId, at);
  }
}

function line([rootId, at]: readonly [TaskId, number]): string {
  return `${rootId} ${String(at)}\n`;
}

/** A line that a crash cut off is of a call that was not made. */
function read(path: string, since: number): Map<TaskId, number> {
  const marks = new Map<TaskId, number>();
  for (const each of textOf(path).split("\n").slice(0, -1)) {
    const [rootId = "", at = ""] = each.split(" ");
    if (isTaskId(rootId) && Number(at) > since) marks.set(rootId, Number(at));
  }
  return marks;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
