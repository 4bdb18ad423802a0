// SPDX-License-Identifier: Apache-2.0
import type { Sent, TaskStanding } from "@mayfly/rpc";
import { TrustDomain } from "@mayfly/spiffe";
import { formatScope, type Task, taskSpiffeId } from "@mayfly/tasks";

const known = new WeakMap<Task, Sent<TaskStanding>>();

/** What guards are told of a task. Made once for all guards. */
export function standingOf(task: Task, trustDomain: string): Sent<TaskStanding> {
  let standing = known.get(task);
  if (standing === undefined) {
    standing = {
      task_id: task.id,
      parent_id: task.parentId ?? "",
      agent: task.agent,
      owner: task.owner,
      spiffe_id: taskSpiffeId(TrustDomain.parse(trustDomain), task.agent, task.id).toString(),
      state: task.state,
      tier: task.tier,
      not_after_ms: String(task.notAfter.getTime()),
      revision: String(task.revision),
      scope_json: formatScope(task.scope),
      depth: task.depth,
    };
    known.set(task, standing);
  }
  return standing;
}
