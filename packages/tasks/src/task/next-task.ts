// SPDX-License-Identifier: Apache-2.0
import { TaskError } from "../errors.ts";
import type { EndReason, Task, TaskState } from "./task.ts";

/** What can happen to a task. `hold` is a task id or `agent:<name>`. */
export type TaskEvent =
  | { readonly event: "activate"; readonly at: Date }
  | { readonly event: "suspend"; readonly hold: string }
  | { readonly event: "resume"; readonly hold: string; readonly at: Date }
  /** `expired` only when the deadline has come. */
  | { readonly event: "end"; readonly reason: EndReason; readonly at: Date }
  /** Its subtree is quiet: `ended` has a proof. */
  | { readonly event: "settle" };

type Step = TaskEvent["event"];

/** Every transition that there is. What is not here is refused. */
const transitions: Readonly<Record<TaskState, Partial<Readonly<Record<Step, readonly TaskState[]>>>>> = {
  proposed: { activate: ["active", "suspended"], suspend: ["proposed"], resume: ["proposed"], end: ["ending"] },
  active: { suspend: ["suspended"], end: ["ending"] },
  suspended: { suspend: ["suspended"], resume: ["suspended", "active"], end: ["ending"] },
  ending: { settle: ["ended"] },
  ended: {},
};

/**
 * The task after an event; the revision stays for the store to advance.
 * @throws {TaskError} ILLEGAL_TRANSITION; TASK_EXPIRED to activate or resume at or after the deadline
 */
export function nextTask(task: Task, event: TaskEvent): Task {
  const allowed = transitions[task.state][event.event];
  if (allowed === undefined) throw illegal(task, event);
  const next = apply(task, event);
  if (!allowed.includes(next.state)) throw illegal(task, event);
  return next;
}

function apply(task: Task, event: TaskEvent): Task {
  switch (event.event) {
    case "activate":
      assertInTime(task, event.at);
      return { ...task, state: task.holds.length === 0 ? "active" : "suspended" };
    case "suspend": {
      if (task.holds.includes(event.hold)) throw illegal(task, event);
      return { ...task, ...held(task, [...task.holds, event.hold].sort()) };
    }
    case "resume": {
      if (!task.holds.includes(event.hold)) throw illegal(task, event);
      assertInTime(task, event.at);
      return {
        ...task,
        ...held(
          task,
          task.holds.filter((hold) => hold !== event.hold),
        ),
      };
    }
    case "end":
      if (event.reason === "expired" && event.at < task.notAfter) throw illegal(task, event);
      return { ...task, state: "ending", reason: event.reason, holds: [] };
    default:
      return { ...task, state: "ended" };
  }
}

function held(task: Task, holds: readonly string[]): Pick<Task, "state" | "holds"> {
  if (task.state === "proposed") return { state: "proposed", holds };
  return { state: holds.length === 0 ? "active" : "suspended", holds };
}

function assertInTime(task: Task, at: Date): void {
  // An instant that is none compares false and is refused.
  if (!(at < task.notAfter)) throw new TaskError("TASK_EXPIRED", `task ${task.id} is past its deadline`);
}

function illegal(task: Task, { event }: TaskEvent): TaskError {
  return new TaskError("ILLEGAL_TRANSITION", `task ${task.id} is ${task.state}: no ${event}`);
}
