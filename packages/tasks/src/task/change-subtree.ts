// SPDX-License-Identifier: Apache-2.0
import type { Approval } from "../approval/approval.ts";
import { isApprovalOpen, nextApproval } from "../approval/next-approval.ts";
import type { Grant } from "../grant.ts";
import { nextGrant } from "../next-grant.ts";
import { nextTask, type TaskEvent } from "./next-task.ts";
import type { EndReason, Task } from "./task.ts";

/** Tasks and all that hangs on them, as they are or as they change. */
export interface Holdings {
  readonly tasks: readonly Task[];
  readonly grants: readonly Grant[];
  readonly approvals: readonly Approval[];
}

/** What tasks can be told together with their descendants. */
export type SubtreeEvent =
  | { readonly event: "activate"; readonly at: Date }
  | { readonly event: "suspend" }
  | { readonly event: "resume"; readonly at: Date }
  | { readonly event: "end"; readonly reason: EndReason; readonly at: Date };

/** What happens to one task when one above it, or its agent, is told something. */
type InheritedEvent = Exclude<TaskEvent, { readonly event: "settle" }>;

/**
 * One act on the task `top` and all of its descendants; gives what changes, and nothing else. `before.tasks` is the whole subtree.
 * - activate: of `top` alone; a proposed task has no descendants.
 * - suspend: holds each that has not ended; what they hold is taken away, but for entries, which come back with `resume`.
 * - resume: lifts that hold; a task with another hold, or past its deadline, stays as it is.
 * - end: ends each that has not; all grants are ending. The first reason stays; ending twice changes nothing.
 * Suspended or ended, open approvals are void. No descendant is left more alive than its ancestors.
 * @throws {TaskError} as `nextTask`, for `top`
 */
export function changeSubtree(top: Task, before: Holdings, event: SubtreeEvent): Holdings {
  const own = withHold(event, top.id);
  const isRepeated = own.event === "end" && isOver(top);
  const others = before.tasks.filter(({ id }) => id !== top.id).flatMap((task) => inherited(task, own));
  return withHoldings(isRepeated ? others : [nextTask(top, own), ...others], before, event);
}

/**
 * As `changeSubtree`, for all tasks of an agent and their descendants at once; the hold is `agent:<name>`. `before.tasks` is all of
 * them. Tasks that an event does not concern are passed over.
 */
export function changeAgentTasks(agent: string, before: Holdings, event: SubtreeEvent): Holdings {
  const own = withHold(event, `agent:${agent}`);
  return withHoldings(
    before.tasks.flatMap((task) => inherited(task, own)),
    before,
    event,
  );
}

function withHold(event: SubtreeEvent, hold: string): InheritedEvent {
  return event.event === "suspend" || event.event === "resume" ? { ...event, hold } : event;
}

/** What changed tasks held. */
function withHoldings(tasks: readonly Task[], before: Holdings, { event }: SubtreeEvent): Holdings {
  if (event === "activate" || event === "resume") return { tasks, grants: [], approvals: [] };
  const ids = new Set<string>(tasks.map(({ id }) => id));
  return {
    tasks,
    grants: before.grants
      .filter(({ taskId, kind, state }) => ids.has(taskId) && state === "live" && (event === "end" || kind !== "entry"))
      .map((grant) => nextGrant(grant, { event: "end" })),
    approvals: before.approvals
      .filter((approval) => ids.has(approval.request.taskId) && isApprovalOpen(approval))
      .map((approval) => nextApproval(approval, { event: "void" })),
  };
}

/** What an event from above does to a task; none when it does not concern it. */
function inherited(task: Task, event: InheritedEvent): readonly Task[] {
  if (isOver(task)) return [];
  switch (event.event) {
    case "activate":
      return [];
    case "suspend":
      return task.holds.includes(event.hold) ? [] : [nextTask(task, event)];
    case "resume":
      return task.holds.includes(event.hold) && event.at < task.notAfter ? [nextTask(task, event)] : [];
    default:
      return [nextTask(task, { ...event, reason: inheritedReason[event.reason] })];
  }
}

/** A child of a task that was done, or failed, was not done itself. Deadlines of children are not later, so `expired` is true of them too. */
const inheritedReason: Readonly<Record<EndReason, EndReason>> = {
  completed: "cancelled",
  cancelled: "cancelled",
  failed: "cancelled",
  revoked: "revoked",
  expired: "expired",
};

function isOver({ state }: Task): boolean {
  return state === "ending" || state === "ended";
}
