// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { StatusError } from "@mayfly/rpc";
import type { Task, TaskId } from "@mayfly/tasks";
import { taskRefusal } from "../refusal.ts";

/** Those that are not below another one. */
export function topsOf(tasks: readonly Task[]): readonly TaskId[] {
  const ids = new Set<string>(tasks.map(({ id }) => id));
  return tasks.filter(({ parentId }) => parentId === undefined || !ids.has(parentId)).map(({ id }) => id);
}

/** NOT_FOUND, code KILL_TARGET_UNKNOWN */
export function nothingThere(what: string): StatusError {
  return taskRefusal(status.NOT_FOUND, {
    code: "KILL_TARGET_UNKNOWN",
    message: `no task, agent, node or registration entry is there for ${JSON.stringify(what)}`,
    hint: "mayfly task list, agent-profile list, node list and entry list show what there is",
  });
}
