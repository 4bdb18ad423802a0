// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";

/** JSON of names, texts and whole numbers. */
export type ManifestValue = string | number | { readonly [name: string]: ManifestValue };

/** The JSON text of RFC 8785 for a manifest. */
export function canonicalText(value: ManifestValue): string {
  if (typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] ?? "")}`);
  return `{${members.join(",")}}`;
}

/** `sha256:<hex>` of a text in UTF-8. */
export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}
