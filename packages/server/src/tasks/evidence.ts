// SPDX-License-Identifier: Apache-2.0
import type { Evidence } from "@mayfly/tasks";
import { recordText } from "./record/recorder.ts";
import { invalidArgument } from "../rpc/wire/refusal.ts";

const maxBytes = 4096;
const maxMembers = 32;

/**
 * Evidence as a guard sends it: JSON `{ method, at?, detail? }`. Who it comes from is the connection's to say; undefined for no evidence.
 * @throws {StatusError} INVALID_ARGUMENT
 */
export function parseEvidence(
  json: string,
  { by, now }: { readonly by: string; readonly now: Date },
): Evidence | undefined {
  if (json === "") return undefined;
  const value = json.length > maxBytes ? undefined : parse(json);
  const { method, detail = {}, at } = value ?? {};
  if (typeof method !== "string" || method === "" || method.length > 128 || !isDetail(detail)) {
    throw invalidArgument("malformed evidence: expected { method, detail } of at most 4,096 bytes");
  }
  const seenAt = typeof at === "string" ? new Date(at) : now;
  const isPast = !Number.isNaN(seenAt.getTime()) && seenAt <= now;
  return { by, at: isPast ? seenAt : now, method: recordText(method), detail };
}

/** The opposite. */
export function formatEvidence(evidence: Evidence | undefined): string {
  return evidence === undefined ? "" : JSON.stringify({ ...evidence, at: evidence.at.toISOString() });
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isDetail(value: unknown): value is Evidence["detail"] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const members = Object.values(value);
  return members.length <= maxMembers && members.every(isPlain);
}

function isPlain(value: unknown): boolean {
  if (typeof value === "string") return value.length <= 512 && value.isWellFormed();
  return typeof value === "boolean" || Number.isFinite(value);
}
