// SPDX-License-Identifier: Apache-2.0
import { type NewEntry, taskSelectorType } from "@mayfly/registration";
import type { StatusError } from "@mayfly/rpc";
import { SpiffeId } from "@mayfly/spiffe";
import { isTaskId, parseTaskSpiffeId } from "@mayfly/tasks";
import { failedPrecondition } from "../wire/refusal.ts";

/** The status of an item carries no details: the code stands at the head of its text. */
function refusal(verb: string, text: string): StatusError {
  return failedPrecondition(`failed to ${verb} entry: TASK_IDENTITY: ${text}`);
}

/**
 * An entry with a task's id is the identity of that task, and only what happens to the task changes it. The id alone decides: asked
 * of the store, a resume could come between the question and the act. @throws {StatusError} FAILED_PRECONDITION
 */
export function refuseTaskEntry(id: string, verb: string): void {
  if (!isTaskId(id)) return;
  throw refusal(verb, `this entry is the identity of task ${id}; end, suspend or resume the task instead`);
}

/**
 * Nobody writes a task's identity, or an entry for whoever is bound to a task, by hand. Fields that are not given are not looked at.
 * @throws {StatusError} FAILED_PRECONDITION
 */
export function refuseTaskFields({ spiffeId, selectors }: Partial<NewEntry>, verb: string): void {
  if (spiffeId !== undefined && parseTaskSpiffeId(SpiffeId.parse(spiffeId)) !== undefined) {
    throw refusal(verb, `${spiffeId} is the identity of a task; mayfly task start makes tasks`);
  }
  if (selectors?.some(({ type }) => type === taskSelectorType) === true) {
    throw refusal(
      verb,
      `selectors of type ${taskSelectorType} are the server's to write; mayfly task start makes tasks`,
    );
  }
}
