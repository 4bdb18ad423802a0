// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from "@mayfly/registration";
import { type CliFailure, usageFailure } from "../../failure.ts";
import { instant, selector, spiffeId, trustDomain } from "../../values.ts";
import { yaml } from "../../yaml.ts";

type Fields = Record<string, unknown>;
type Reader = (value: unknown) => unknown;

class Expected extends Error {}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expected(what: string): never {
  throw new Expected(`expected ${what}`);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : expected("text");
}

function flag(value: unknown): boolean {
  return typeof value === "boolean" ? value : expected("true or false");
}

/** Seconds as a number, or a duration such as `10m`. */
function ttl(value: unknown): number {
  const seconds = typeof value === "string" ? parseDuration(value) : value;
  return Number.isSafeInteger(seconds) && Number(seconds) >= 0 ? Number(seconds) : expected("seconds, or 90s, 5m, 24h");
}

/** Unix seconds as number or decimal text, or RFC 3339; null is never. */
function end(value: unknown): number {
  if (value === null) return 0;
  if (typeof value === "string" && !/^\d{1,15}$/.test(value)) return instant(value);
  const seconds = Number(value);
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : expected("a time such as 2027-01-31T12:00:00Z");
}

function id(value: unknown): unknown {
  if (!isRecord(value)) return spiffeId(text(value));
  return spiffeId(`spiffe://${text(value["trust_domain"])}${text(value["path"] ?? "")}`);
}

function listOf(item: Reader): Reader {
  return (value) => (Array.isArray(value) ? value.map(item) : expected("a list"));
}

function selectorOf(value: unknown): unknown {
  if (!isRecord(value)) return selector(text(value));
  return selector(`${text(value["type"])}:${text(value["value"])}`);
}

/** Fields of an entry by their name in the document: the field of the message, and how it is read. */
const readers: ReadonlyMap<string, readonly [field: string, read: Reader]> = new Map<string, [string, Reader]>([
  ["id", ["id", text]],
  ["entry_id", ["id", text]],
  ["spiffe_id", ["spiffe_id", id]],
  ["parent_id", ["parent_id", id]],
  ["selectors", ["selectors", listOf(selectorOf)]],
  ["x509_svid_ttl", ["x509_svid_ttl", ttl]],
  ["ttl", ["x509_svid_ttl", ttl]],
  ["jwt_svid_ttl", ["jwt_svid_ttl", ttl]],
  ["dns_names", ["dns_names", listOf(text)]],
  ["federates_with", ["federates_with", listOf((item) => trustDomain(text(item)))]],
  ["admin", ["admin", flag]],
  ["downstream", ["downstream", flag]],
  ["store_svid", ["store_svid", flag]],
  ["hint", ["hint", text]],
  ["expires_at", ["expires_at", end]],
  ["entryExpiry", ["expires_at", end]],
  ["entry_expiry", ["expires_at", end]],
]);

/** What `entry list` prints and a new entry does not take over. */
const ignored: ReadonlySet<string> = new Set(["revision_number", "created_at"]);

function entryOf(value: unknown, index: number, problems: string[]): Fields {
  const where = `entry ${index + 1}`;
  const entry: Fields = {};
  if (!isRecord(value)) {
    problems.push(`${where}: expected fields`);
    return entry;
  }
  for (const [key, item] of Object.entries(value)) {
    const reader = readers.get(key);
    if (reader === undefined) {
      if (!ignored.has(key)) problems.push(`${where}: unknown field ${JSON.stringify(key)}`);
      continue;
    }
    try {
      entry[reader[0]] = reader[1](item);
    } catch (error) {
      problems.push(`${where}: ${key}: ${error instanceof Error ? error.message : "malformed"}`);
    }
  }
  for (const key of ["spiffe_id", "parent_id", "selectors"])
    if (!(key in value)) problems.push(`${where}: ${key} is missing`);
  return entry;
}

function refuse(problems: readonly string[]): CliFailure {
  return usageFailure(problems.slice(0, 50), "nothing was created");
}

/**
 * Entries of a JSON or YAML document: `{ entries: [...] }`, a list, or one entry, in our field names, in those of
 * `spire-server entry create -data`, or as `entry list` prints them. Unknown fields are refused, `__proto__` among them.
 * @throws {CliFailure} USAGE with every problem (the first 50)
 */
export function entriesFromDocument(source: string): Fields[] {
  const document = yaml().parseDocument(source, { uniqueKeys: true, stringKeys: true, merge: false });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw refuse([`the document is neither JSON nor YAML: ${broken.message.split("\n", 1)[0] ?? ""}`]);
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw refuse([error instanceof Error ? error.message : "malformed"]);
  }
  const listed = isRecord(content) && Object.hasOwn(content, "entries") ? content["entries"] : content;
  const values: readonly unknown[] = Array.isArray(listed) ? listed : [listed];
  if (values.length === 0) throw refuse(["the document has no entries"]);
  const problems: string[] = [];
  if (isRecord(content) && Object.hasOwn(content, "entries"))
    for (const key of Object.keys(content))
      if (key !== "entries" && key !== "next_page_token") problems.push(`unknown field ${JSON.stringify(key)}`);
  const entries = values.map((value, index) => entryOf(value, index, problems));
  if (problems.length > 0) throw refuse(problems);
  return entries;
}
