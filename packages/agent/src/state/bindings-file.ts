// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { isTaskId, type TaskId } from "@mayfly/tasks";
import { readPrivate, writeAtomically } from "./atomic-file.ts";

/** A process that is bound to a task, as the disk has it. */
export interface StoredBinding {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: string;
  readonly taskId: TaskId;
  readonly notAfter: Date;
}

/** All bindings of an agent, and what they count for. */
export interface StoredBindings {
  /** SPIFFE ID of the agent. */
  readonly agentId: string;
  /** `readProcessSpace` of the agent that wrote it. */
  readonly processSpace: string;
  readonly bindings: readonly StoredBinding[];
}

/** More than a machine has processes. */
const maxBindings = 65_536;
const startTimePattern = /^\d{1,20}$/;

/** Replaces the file; resolves when the disk has it. */
export async function saveBindings(path: string, { agentId, processSpace, bindings }: StoredBindings): Promise<void> {
  const content = JSON.stringify({
    version: 1,
    agent_id: agentId,
    process_space: processSpace,
    bindings: bindings.map(({ pid, startTime, taskId, notAfter }) => [pid, startTime, taskId, notAfter.getTime()]),
  });
  await writeAtomically(path, JSON.stringify({ content, sha256: digestOf(content) }));
}

/** What was kept; undefined where there is no file; "damaged" when a single character is not as it was written. @throws {AgentError} STATE_UNSAFE */
export async function loadBindings(path: string): Promise<StoredBindings | "damaged" | undefined> {
  const text = await readPrivate(path);
  if (text === undefined) return undefined;
  try {
    const { content, sha256 } = JSON.parse(text) as { content: string; sha256: string };
    return sha256 === digestOf(content) ? fromContent(content) : "damaged";
  } catch {
    // Not JSON, or of another shape: worth as much as a wrong digest.
    return "damaged";
  }
}

function fromContent(content: string): StoredBindings {
  const record = JSON.parse(content) as {
    version: unknown;
    agent_id: unknown;
    process_space: unknown;
    bindings: unknown[][];
  };
  const { version, agent_id: agentId, process_space: processSpace, bindings } = record;
  if (version !== 1 || typeof agentId !== "string" || typeof processSpace !== "string")
    throw new RangeError("unknown version");
  if (bindings.length > maxBindings) throw new RangeError("more bindings than processes");
  return { agentId, processSpace, bindings: bindings.map((each) => bindingOf(each)) };
}

function bindingOf([pid, startTime, taskId, notAfterMs]: readonly unknown[]): StoredBinding {
  const notAfter = new Date(Number(notAfterMs));
  const isProcess = Number.isSafeInteger(pid) && Number(pid) > 0 && startTimePattern.test(String(startTime));
  if (!isProcess || typeof taskId !== "string" || !isTaskId(taskId) || Number.isNaN(notAfter.getTime()))
    throw new RangeError("no binding");
  return { pid: Number(pid), startTime: String(startTime), taskId, notAfter };
}

/** Against damage; against people there are owner and mode, as for the agent's key in the same directory. */
function digestOf(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
