// SPDX-License-Identifier: Apache-2.0
import type { Problem } from "@mayfly/tasks";
import { PolicyError, refuseFor } from "../errors.ts";
import { limits } from "../limits.ts";

/** A bundle as texts. */
export interface BundleTexts {
  /** One static Cedar policy each, by id: lower-case letters, digits, `.`, `_`, `-`. */
  readonly policies: Readonly<Record<string, string>>;
  /** Cedar schema that is added to the built-in one; has to define `type Arguments = { … };`. Default: no arguments. */
  readonly schema?: string | undefined;
  /** `manifest.json`. */
  readonly manifest: string;
  /** `manifest.sig`: base64. */
  readonly signature?: string | undefined;
}

const policyFile = /^policies\/(.*)\.cedar$/;
const policyId = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * Sorts the files of a bundle's directory, by path below it (`policies/allow.cedar`, `schema.cedarschema`, `manifest.json`,
 * `manifest.sig`). Any other file is refused: what lies there and is not read would be taken for being in force.
 * @throws {PolicyError} BUNDLE_MALFORMED
 */
export function readBundleFiles(files: Readonly<Record<string, string>>): BundleTexts {
  const { "manifest.json": manifest, "manifest.sig": signature, "schema.cedarschema": schema, ...others } = files;
  if (manifest === undefined) throw new PolicyError("BUNDLE_MALFORMED", "manifest.json is missing");
  return { policies: readPolicyFiles(others), schema, manifest, signature };
}

/** Policies by id from files of `policies/`. @throws {PolicyError} BUNDLE_MALFORMED */
export function readPolicyFiles(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(files).map(([path, text]) => [policyFile.exec(path)?.[1], text, path] as const);
  const problems = entries.flatMap(([id, , path]): Problem[] =>
    id === undefined ? [{ path, problem: "no file of a bundle" }] : [],
  );
  if (problems.length > 0) throw refuseFor("BUNDLE_MALFORMED", problems);
  return Object.fromEntries(entries.map(([id, text]) => [id ?? "", text]));
}

/** Names and sizes. @throws {PolicyError} BUNDLE_MALFORMED, BUNDLE_TOO_LARGE */
export function checkTexts({ policies, schema = "", manifest }: BundleTexts): void {
  const ids = Object.keys(policies);
  const bad = ids.filter((id) => !policyId.test(id));
  if (bad.length > 0) {
    throw refuseFor(
      "BUNDLE_MALFORMED",
      bad.map((id) => ({ path: id.slice(0, 80), problem: "no id of a policy" })),
    );
  }
  const long = ids.filter((id) => (policies[id] ?? "").length > limits.policyLength);
  if (long.length > 0)
    throw refuseFor(
      "BUNDLE_TOO_LARGE",
      long.map((path) => ({ path, problem: "is too long" })),
    );
  const total = ids.reduce((sum, id) => sum + (policies[id] ?? "").length, 0);
  const isTooLarge =
    ids.length > limits.policies ||
    total > limits.bundleLength ||
    schema.length > limits.schemaLength ||
    manifest.length > limits.manifestLength;
  if (isTooLarge) throw new PolicyError("BUNDLE_TOO_LARGE", "the bundle is over a limit");
}
