// SPDX-License-Identifier: Apache-2.0
import { canonicalJson, digestArguments, JournalError } from "@mayfly/journal";
import { argumentsDigest } from "@mayfly/tasks";
import { HttpRefusal } from "../http/http-refusal.ts";

/** Arguments in their one form. */
export interface CanonicalArguments {
  /** RFC 8785: what is sent, digested, and shown to approvers. */
  readonly json: string;
  /** Read back from it: what is decided on. */
  readonly value: Readonly<Record<string, unknown>>;
  /** `sha-256:<hex>`, for approvals and the statement. */
  readonly digest: string;
  /** `hmac-sha256:<hex>`, for the record. */
  readonly keyedDigest: string;
}

/** @throws {HttpRefusal} PARAMS_INVALID for what has no canonical form */
export function canonicalise(
  args: Readonly<Record<string, unknown>>,
  { key, maxBytes }: { readonly key: Uint8Array; readonly maxBytes: number },
): CanonicalArguments {
  try {
    const json = canonicalJson(args, { maxBytes });
    const value = JSON.parse(json) as Readonly<Record<string, unknown>>;
    return { json, value, digest: argumentsDigest(json), keyedDigest: digestArguments(key, json) };
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new HttpRefusal("PARAMS_INVALID", "the arguments have no canonical form (RFC 8785)");
  }
}
