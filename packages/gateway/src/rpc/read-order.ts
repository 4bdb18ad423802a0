// SPDX-License-Identifier: Apache-2.0
import type { GuardOrder, TaskStanding as StandingMessage } from "@mayfly/rpc";
import { isTaskId, parseScope, parseTaskId, type Scope, type TaskId, tierNames } from "@mayfly/tasks";
import { GatewayError } from "../errors.ts";
import type { StandingOrder, TaskStanding } from "../ports/task-feed.ts";

/**
 * Reads an order. A standing that can't be understood stands for a task that may do nothing, so that one bad task does not hide the end of
 * another.
 * @throws {GatewayError} FEED_MALFORMED for a task without an id
 */
export function readOrder({ tasks, snapshot }: GuardOrder): StandingOrder {
  return { tasks: tasks.map(readStanding), isSnapshot: snapshot };
}

const nothing: Scope = { tools: [] };
const states: ReadonlySet<string> = new Set(["proposed", "active", "suspended", "ending", "ended"]);

function readStanding(message: StandingMessage): TaskStanding {
  const id = taskId(message.task_id);
  const tier = tierNames.find((name) => name === message.tier);
  const scope = message.state === "active" ? readScope(message.scope_json) : nothing;
  const isReadable = tier !== undefined && scope !== undefined && states.has(message.state);
  return {
    id,
    ...(message.parent_id === "" ? {} : { parentId: taskId(message.parent_id) }),
    agent: message.agent,
    owner: message.owner,
    spiffeId: message.spiffe_id,
    state: isReadable ? message.state : "unreadable",
    // The least, where it is not known.
    tier: tier ?? "T0",
    notAfter: new Date(Number(message.not_after_ms)),
    revision: BigInt(message.revision),
    scope: scope ?? nothing,
    depth: message.depth,
  };
}

function taskId(text: string): TaskId {
  if (!isTaskId(text)) throw new GatewayError("FEED_MALFORMED", "an order names a task without an id");
  return parseTaskId(text);
}

function readScope(json: string): Scope | undefined {
  try {
    return parseScope(JSON.parse(json));
  } catch {
    return undefined;
  }
}
