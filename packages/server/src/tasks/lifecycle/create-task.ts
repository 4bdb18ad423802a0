// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { TrustDomain } from "@mayfly/spiffe";
import {
  type AgentProfile,
  createTaskId,
  createTaskIdentity,
  type CreateTaskGuard,
  formatScope,
  type Operator,
  type Task,
  type TaskId,
  taskIdBytes,
} from "@mayfly/tasks";
import type { Actor } from "../callers/actor.ts";
import { taskRefusal } from "../refusal.ts";
import type { TaskLayer } from "../task-layer.ts";

/** A new task and the one-time ticket that makes a process it. */
export interface CreatedTask {
  readonly task: Task;
  /** Secret; only its hash is stored. */
  readonly ticket: string;
  readonly ticketExpiresAt: Date;
}

/** What was judged, with what it was judged by. */
export interface Judged {
  readonly task: Task;
  readonly profile: AgentProfile;
  readonly parent?: CreateTaskGuard["parent"];
  readonly parentId: string;
}

const ticketTtlMs = 600_000;
const ticketBytes = 32;
/** How often it is judged anew when something changed between judging and writing. */
const maxAttempts = 5;

export function newTaskId(): TaskId {
  return createTaskId(randomBytes(taskIdBytes));
}

/** As stores know tickets. */
export function hashTicket(ticket: string): string {
  return createHash("sha256").update(ticket, "utf8").digest("hex");
}

/** @throws {StatusError} NOT_FOUND, code PROFILE_UNKNOWN */
export async function requireProfile({ stores }: TaskLayer, name: string): Promise<AgentProfile> {
  const profile = await stores.profiles.get(name);
  if (profile !== undefined) return profile;
  throw taskRefusal(status.NOT_FOUND, {
    code: "PROFILE_UNKNOWN",
    message: `there is no agent profile ${JSON.stringify(name)}`,
    hint: "mayfly agent-profile list shows the profiles there are",
  });
}

/** @throws {StatusError} FAILED_PRECONDITION, code OWNER_UNKNOWN */
export async function requireOwner({ stores }: TaskLayer, name: string): Promise<Operator> {
  const operator = await stores.operators.get(name);
  if (operator?.state === "active") return operator;
  throw taskRefusal(status.FAILED_PRECONDITION, {
    code: "OWNER_UNKNOWN",
    message: `${JSON.stringify(name)} is no active operator, who could answer for the task`,
    hint: "register the owner as an operator, or name another",
  });
}

/**
 * Judges, records and writes a new task with its identity, in one transaction; then its ticket. `judge` is asked again when profile or
 * parent changed in between.
 * @throws what `judge` throws; {StatusError} ABORTED, code CHANGED_MEANWHILE
 */
export async function createTask(layer: TaskLayer, actor: Actor, judge: () => Promise<Judged>): Promise<CreatedTask> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const judged = await judge();
    const task = await write(layer, actor, judged);
    if (task === undefined) continue;
    layer.live.take([task]);
    return { task, ...(await giveTicket(layer, task)) };
  }
  throw taskRefusal(status.ABORTED, {
    code: "CHANGED_MEANWHILE",
    message: "profile or parent changed while the task was started",
    hint: "try again",
  });
}

async function write(layer: TaskLayer, actor: Actor, judged: Judged): Promise<Task | undefined> {
  const { task, profile, parent, parentId } = judged;
  const where = { trustDomain: TrustDomain.parse(layer.trustDomain), entryId: task.id, parentId };
  const identity = createTaskIdentity(task, profile, where);
  const { name, revision } = profile;
  return await layer.recorder.around(
    {
      kind: "task",
      actor: actor.name,
      ...(actor.serial !== undefined && { serial: actor.serial }),
      task: task.id,
      agent: identity.spiffeId,
      body: {
        act: "start",
        owner: task.owner,
        requested_by: task.requestedBy,
        tier: task.tier,
        parent: task.parentId ?? "",
        node: parentId,
        not_after: task.notAfter.toISOString(),
        scope: JSON.parse(formatScope(task.scope)) as object as { [name: string]: string },
      },
    },
    {
      stops: "act",
      act: async () => {
        const guard: CreateTaskGuard = { profile: { name, revision }, ...(parent && { parent }) };
        const written = await layer.stores.tasks.create(task, identity, guard, layer.clock.now());
        if (written.outcome === "created") return written.task;
        if (written.outcome === "too-many-children") {
          throw taskRefusal(status.FAILED_PRECONDITION, {
            code: "TOO_MANY_CHILDREN",
            message: "the parent has as many children as its tier allows",
            hint: "end a child first",
          });
        }
        return undefined;
      },
      describe: (written) => ({ result: written === undefined ? "judged-again" : "done" }),
    },
  );
}

/** A ticket for a task that runs already would be a second way in: there is one, made with it. */
async function giveTicket(
  { stores, clock }: TaskLayer,
  task: Task,
): Promise<Pick<CreatedTask, "ticket" | "ticketExpiresAt">> {
  const ticket = randomBytes(ticketBytes).toString("base64url");
  const ticketExpiresAt = new Date(Math.min(clock.now().getTime() + ticketTtlMs, task.notAfter.getTime()));
  await stores.tickets.create({ hash: hashTicket(ticket), taskId: task.id, expiresAt: ticketExpiresAt });
  return { ticket, ticketExpiresAt };
}
