// SPDX-License-Identifier: Apache-2.0
import { type LogRecord, recordKinds } from "./record.ts";

type Check = (value: unknown) => boolean;

const instantForm = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

function matches(form: RegExp): Check {
  return (value) => typeof value === "string" && form.test(value);
}

function oneOf(values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

function text(maxBytes: number): Check {
  return (value) => typeof value === "string" && value !== "" && Buffer.byteLength(value) <= maxBytes;
}

function isInstant(value: unknown): boolean {
  if (typeof value !== "string" || !instantForm.test(value)) return false;
  const at = new Date(value);
  return !Number.isNaN(at.getTime()) && at.toISOString() === value;
}

const isId = matches(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/);

/** What each field of a record has to be. */
const checks: Readonly<Record<keyof LogRecord, Check>> = {
  v: oneOf([1]),
  id: isId,
  kind: oneOf(recordKinds),
  phase: oneOf(["intent", "outcome", "event"]),
  at: isInstant,
  task: isId,
  agent: text(2048),
  serial: matches(/^[0-9a-f]{1,64}$/),
  decision: oneOf(["allow", "deny"]),
  approval: isId,
  lease: isId,
  tool: text(1024),
  args_digest: matches(/^hmac-sha256:[0-9a-f]{64}$/),
  policy_digest: matches(/^sha256:[0-9a-f]{64}$/),
  actor: text(2048),
  body: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

const required = ["v", "id", "kind", "phase", "at", "actor", "body"];

/** The first thing that is wrong with a value as a record; undefined when it is one. Names the field, never its content. */
export function recordProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "a record is an object";
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${missing} is missing`;
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(checks, name)) return "there is an unknown field";
    if (!checks[name as keyof LogRecord](field)) return `${name} is not of its form`;
  }
  return undefined;
}
