// SPDX-License-Identifier: Apache-2.0
import { LeaseError } from "../errors.ts";
import type { LeaseMode } from "../lease/lease.ts";

/** What a tool server asks for in the first line of its connection. */
export type DoorRequest =
  | {
      readonly kind: "open";
      readonly statement: string;
      readonly target: string;
      readonly mode: LeaseMode;
      readonly ttlSeconds: number;
    }
  | { readonly kind: "end"; readonly lease: string }
  | { readonly kind: "cancel"; readonly processId: number; readonly key: number };

/** Of the line, in bytes. */
export const maxLineBytes = 32_768;

const targetName = /^[a-z0-9][a-z0-9-]{0,31}$/;
const leaseId = /^[A-Za-z0-9-]{1,64}$/;
const defaultSeconds: Readonly<Record<LeaseMode, number>> = { brokered: 3_600, leased: 300 };
const maxSeconds = 86_400;

/**
 * One JSON object: `{"statement", "target", "mode"?: "brokered" | "leased", "ttl_seconds"?}`, `{"end": "<lease>"}` or
 * `{"cancel": {"process", "key"}}`; no further members. There is no renewal: a lease's end is never put off.
 * @throws {LeaseError} BAD_REQUEST
 */
export function parseDoorRequest(line: string): DoorRequest {
  const members = objectOf(parse(line));
  if ("end" in members) {
    only(members, ["end"]);
    return { kind: "end", lease: textOf(members["end"], leaseId, "end") };
  }
  if ("cancel" in members) {
    only(members, ["cancel"]);
    const cancel = objectOf(members["cancel"]);
    only(cancel, ["process", "key"]);
    return { kind: "cancel", processId: countOf(cancel["process"], "process"), key: countOf(cancel["key"], "key") };
  }
  only(members, ["statement", "target", "mode", "ttl_seconds"]);
  const { mode = "brokered" } = members;
  if (mode !== "brokered" && mode !== "leased") throw bad('mode is "brokered" or "leased"');
  const ttlSeconds = countOf(members["ttl_seconds"] ?? defaultSeconds[mode], "ttl_seconds");
  if (ttlSeconds < 1 || ttlSeconds > maxSeconds) throw bad(`ttl_seconds is 1 to ${maxSeconds}`);
  return {
    kind: "open",
    statement: textOf(members["statement"], /^[\x21-\x7e]{1,24576}$/, "statement"),
    target: textOf(members["target"], targetName, "target"),
    mode,
    ttlSeconds,
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw bad("the first line is JSON");
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw bad("a request is an object");
}

function only(members: Readonly<Record<string, unknown>>, allowed: readonly string[]): void {
  if (!Object.keys(members).every((name) => allowed.includes(name)))
    throw bad(`a request has ${allowed.join(", ")} and nothing else`);
}

function textOf(value: unknown, pattern: RegExp, name: string): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw bad(`${name} is missing or no such text`);
}

function countOf(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw bad(`${name} is a whole number`);
}

function bad(message: string): LeaseError {
  return new LeaseError("BAD_REQUEST", message);
}
