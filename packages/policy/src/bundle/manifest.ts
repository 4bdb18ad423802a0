// SPDX-License-Identifier: Apache-2.0
import { builtInSchemaVersion } from "../engine/built-in-schema.ts";
import { PolicyError, refuseFor } from "../errors.ts";
import type { BundleTexts } from "./bundle-texts.ts";
import { canonicalText, digestOf } from "./canonical-text.ts";

/** What a bundle consists of. Its canonical form's digest names the bundle in every decision. */
export interface Manifest {
  readonly format: "mayfly-policy-1";
  /** Version of the built-in schema that the bundle was written for. */
  readonly base: number;
  /** Grows; a store never goes back. */
  readonly revision: number;
  /** `sha256:<hex>` of the bundle's own schema; missing = it has none. */
  readonly schema?: string | undefined;
  /** `sha256:<hex>` of each policy's text, by id. */
  readonly policies: Readonly<Record<string, string>>;
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * The manifest of texts as they are, ready for `manifest.json` and for signing.
 * @throws {RangeError} a revision that is no positive whole number
 */
export function writeManifest(texts: Pick<BundleTexts, "policies" | "schema">, revision: number): string {
  if (!Number.isSafeInteger(revision) || revision < 1) throw new RangeError("a revision is a positive whole number");
  const policies = Object.fromEntries(
    Object.entries(texts.policies)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, text]) => [id, digestOf(text)]),
  );
  const schema = texts.schema === undefined ? {} : { schema: digestOf(texts.schema) };
  const manifest: Manifest = { format: "mayfly-policy-1", base: builtInSchemaVersion, revision, ...schema, policies };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** @throws {PolicyError} BUNDLE_MALFORMED */
export function parseManifest(text: string): Manifest {
  const value = parseObject(text);
  const { format, base, revision, schema, policies, ...others } = value;
  const isDigest = (each: unknown): boolean => typeof each === "string" && digestPattern.test(each);
  if (Object.keys(others).length > 0) throw malformed("has a member that is not known");
  if (format !== "mayfly-policy-1") throw malformed("is of another format");
  if (base !== builtInSchemaVersion)
    throw malformed(`is for another built-in schema than ${String(builtInSchemaVersion)}`);
  if (!Number.isSafeInteger(revision) || Number(revision) < 1) throw malformed("has no revision");
  if (schema !== undefined && !isDigest(schema)) throw malformed("has a bad digest of the schema");
  if (!isObject(policies) || !Object.values(policies).every(isDigest)) throw malformed("has no digests of policies");
  return value as unknown as Manifest;
}

/** The text that is hashed and signed. RFC 8785. */
export function canonicalManifest(manifest: Manifest): string {
  const { schema, format, base, revision, policies } = manifest;
  return canonicalText({ format, base, revision, policies, ...(schema === undefined ? {} : { schema }) });
}

/** Every text has to be the one that is named, and every name has to have its text. @throws {PolicyError} DIGEST_MISMATCH */
export function checkDigests({ policies, schema }: Manifest, texts: BundleTexts): void {
  const ids = [...new Set([...Object.keys(policies), ...Object.keys(texts.policies)])];
  const changed = ids.filter((id) => {
    const text = Object.hasOwn(texts.policies, id) ? texts.policies[id] : undefined;
    return text === undefined || policies[id] !== digestOf(text);
  });
  const problems = changed.map((path) => ({ path, problem: "is not what the manifest names" }));
  if (schema !== (texts.schema === undefined ? undefined : digestOf(texts.schema))) {
    problems.push({ path: "schema.cedarschema", problem: "is not what the manifest names" });
  }
  if (problems.length > 0) throw refuseFor("DIGEST_MISMATCH", problems);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PolicyError("BUNDLE_MALFORMED", "manifest.json is no JSON", { cause });
  }
  if (!isObject(value)) throw malformed("is no object");
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(problem: string): PolicyError {
  return refuseFor("BUNDLE_MALFORMED", [{ path: "manifest.json", problem }]);
}
