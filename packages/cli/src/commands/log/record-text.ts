// SPDX-License-Identifier: Apache-2.0
import type { LogRecord } from "@mayfly/journal";

const inFront = ["id", "kind", "phase", "at", "actor", "body", "v"];

function bodyText(body: LogRecord["body"]): string {
  const facts = Object.entries(body).filter(([, value]) => value !== "" && value !== null);
  return facts.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join(" ");
}

/** One record on one line: when, what, by whom, about what. */
export function recordLine(index: number, record: LogRecord): string {
  const { at, kind, phase, actor, body } = record;
  const facts = Object.entries(record)
    .filter(([name]) => !inFront.includes(name))
    .map(([name, value]) => `${name}=${String(value)}`);
  return [String(index).padStart(6), at, `${kind} ${phase}`.padEnd(17), `by ${actor}`, ...facts, bodyText(body)]
    .filter((text) => text !== "")
    .join("  ");
}
