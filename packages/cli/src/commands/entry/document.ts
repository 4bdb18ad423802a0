// SPDX-License-Identifier: Apache-2.0
import { parse } from "yaml";
import { usageFailure } from "../../failure.ts";
import { selector, spiffeId } from "../../values.ts";

type Fields = Record<string, unknown>;

const scalarFields = [
  "x509_svid_ttl", "jwt_svid_ttl", "admin", "downstream", "dns_names", "federates_with", "hint", "store_svid", "expires_at",
]; // biome-ignore format: a table

const knownFields = new Set([
  ...scalarFields,
  "id",
  "entry_id",
  "spiffe_id",
  "parent_id",
  "selectors",
  "ttl",
  "revision_number",
  "created_at",
]);

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function idOf(value: unknown): unknown {
  return typeof value === "string" ? spiffeId(value) : value;
}

function selectorsOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) => (typeof item === "string" ? selector(item) : item));
}

/** Reads one entry: our field names, or those of the document that `spire-server entry create -data` takes (the same, with `ttl` and `entry_id`). */
function entryOf(value: unknown, index: number): Fields {
  if (!isRecord(value)) throw usageFailure(`entry ${index + 1} is not an object`);
  const unknown = Object.keys(value).filter((key) => !knownFields.has(key));
  if (unknown.length > 0) throw usageFailure(`entry ${index + 1} has unknown fields: ${unknown.join(", ")}`);
  const entry: Fields = {};
  for (const key of scalarFields) if (value[key] !== undefined) entry[key] = value[key];
  entry["id"] = value["id"] ?? value["entry_id"] ?? "";
  entry["spiffe_id"] = idOf(value["spiffe_id"]);
  entry["parent_id"] = idOf(value["parent_id"]);
  entry["selectors"] = selectorsOf(value["selectors"]);
  if (value["ttl"] !== undefined) entry["x509_svid_ttl"] ??= value["ttl"];
  return entry;
}

/** Entries of a JSON or YAML document: `{ entries: [...] }`, a list, or one entry. Keys such as `__proto__` are unknown fields. */
export function entriesFromDocument(text: string): Fields[] {
  let document: unknown;
  try {
    document = parse(text, { prettyErrors: true, strict: true, uniqueKeys: true, merge: false });
  } catch (error) {
    throw usageFailure(
      `the document is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const list = isRecord(document) && Array.isArray(document["entries"]) ? document["entries"] : document;
  const entries = (Array.isArray(list) ? list : [list]).map(entryOf);
  if (entries.length === 0) throw usageFailure("the document has no entries");
  return entries;
}
