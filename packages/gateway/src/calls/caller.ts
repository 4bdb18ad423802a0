// SPDX-License-Identifier: Apache-2.0
import { Principal } from "@mayfly/policy";
import type { VerifiedPeer } from "@mayfly/spiffe";
import { parseTaskSpiffeId, type TaskId } from "@mayfly/tasks";
import { HttpRefusal } from "../http/http-refusal.ts";
import type { TaskStanding } from "../ports/task-feed.ts";
import type { StandingTable } from "../tasks/standing-table.ts";

/** A task on the other end of a verified connection. */
export interface Caller {
  readonly taskId: TaskId;
  readonly peer: VerifiedPeer;
  /** Of its SVID, hexadecimal. */
  readonly svidSerial: string;
}

/** A caller whose task may act now. */
export interface AdmittedCaller extends Caller {
  readonly principal: Principal;
  readonly standing: TaskStanding;
  /** Of the tree of tasks that it belongs to. */
  readonly rootId: TaskId;
}

/** Who a connection belongs to, by its certificate alone. @throws {HttpRefusal} NOT_A_TASK */
export function callerOf(peer: VerifiedPeer): Caller {
  const parsed = parseTaskSpiffeId(peer.id);
  const serial = peer.chain[0]?.serialNumber;
  if (parsed === undefined || serial === undefined) throw new HttpRefusal("NOT_A_TASK", "only tasks may call tools");
  return { taskId: parsed.taskId, peer, svidSerial: serial.toString(16) };
}

/** News of a task that has just been started is waited for so long. */
const newsMs = 300;

/** Lets a caller in whose task is active and known by this very SPIFFE ID. @throws {HttpRefusal} TASK_REFUSED */
export async function admit(caller: Caller, table: StandingTable): Promise<AdmittedCaller> {
  const judged = await table.await(caller.taskId, newsMs);
  if (typeof judged === "string") {
    throw new HttpRefusal("TASK_REFUSED", "the task may do nothing now", { reason: judged });
  }
  const { standing, ancestors } = judged;
  if (standing.spiffeId !== caller.peer.id.toString()) {
    throw new HttpRefusal("TASK_REFUSED", "the task has another identity", { reason: "TASK_UNKNOWN" });
  }
  const { id, agent, owner, tier, depth } = standing;
  return {
    ...caller,
    standing,
    rootId: ancestors.at(-1) ?? id,
    principal: Principal.ofTask(caller.peer, { id, agent, owner, tier, depth, ancestors }),
  };
}
