// SPDX-License-Identifier: Apache-2.0
import { LeaseError } from "../errors.ts";
import type { Startup } from "./startup.ts";

/** Settings that a client may choose for its session when it begins, as it may later by SET. */
const settable = new Map(
  ["client_encoding", "DateStyle", "TimeZone", "IntervalStyle", "extra_float_digits", "search_path"].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);
/** Names that are taken and of no effect: who it is, and what the session is called, is decided elsewhere. */
const ignored = new Set(["user", "application_name", "fallback_application_name"]);
const plain = /^[\w ,.:+/"$-]{0,128}$/;

/**
 * The settings that a start-up message asks for. Others than these few, `options` and replication are refused; a database other than the
 * target's is too. @throws {LeaseError} BAD_REQUEST
 */
export function sessionSettings(
  { parameters }: Startup,
  databases: readonly string[],
): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const [name, value] of parameters) {
    const setting = settable.get(name.toLowerCase());
    if (ignored.has(name) || name.startsWith("_pq_.") || (name === "options" && value === "")) continue;
    if (name === "database") assertDatabase(value, [...databases, parameters.get("user") ?? ""]);
    else if (setting === undefined) throw bad(`the parameter ${JSON.stringify(name.slice(0, 64))} can't be set here`);
    else if (plain.test(value)) settings[setting] = value;
    else throw bad(`the value of ${setting} can't be passed on`);
  }
  return settings;
}

function assertDatabase(value: string, allowed: readonly string[]): void {
  if (value !== "" && !allowed.includes(value)) throw bad("the lease is for another database");
}

function bad(message: string): LeaseError {
  return new LeaseError("BAD_REQUEST", message);
}
