// SPDX-License-Identifier: Apache-2.0
import { TaskError } from "../errors.ts";

/** `t-` and 16 characters of lower-case base32 (RFC 4648 §6, no padding): 80 random bits. */
export type TaskId = `t-${string}`;

/** Random bytes that a task id is made of. */
export const taskIdBytes = 10;

const pattern = /^t-[a-z2-7]{16}$/;
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Whether a text is a task id. */
export function isTaskId(text: string): text is TaskId {
  return pattern.test(text);
}

/** @throws {TaskError} BAD_TASK_ID */
export function parseTaskId(text: string): TaskId {
  if (isTaskId(text)) return text;
  throw new TaskError("BAD_TASK_ID", "a task id is t- and 16 characters of lower-case base32");
}

/** From exactly 10 random bytes. */
export function createTaskId(random: Uint8Array): TaskId {
  if (random.length !== taskIdBytes) throw new RangeError(`a task id is made of ${String(taskIdBytes)} bytes`);
  const bits = Array.from(random, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const characters = Array.from({ length: 16 }, (_, n) =>
    alphabet.charAt(Number.parseInt(bits.slice(n * 5, n * 5 + 5), 2)),
  );
  return `t-${characters.join("")}`;
}
