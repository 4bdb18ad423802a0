// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { canonicalJson } from "@mayfly/journal";
import { objectOf } from "../mcp/protocol.ts";

/** A tool as its server describes it. */
export interface ToolDefinition {
  readonly name: string;
  /** As it came; agents see it so. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly inputSchema: unknown;
  /** `sha-256:<hex>` over all of it in canonical form (RFC 8785): whatever an agent is shown is pinned. */
  readonly digest: string;
  /** What the digest is of. */
  readonly canonical: string;
}

const maxBytes = 131_072;

/** Reads one entry of `tools/list`; undefined for what is none. */
export function readDefinition(value: unknown): ToolDefinition | undefined {
  const members = objectOf(value);
  const { name, inputSchema } = members ?? {};
  if (members === undefined || typeof name !== "string" || objectOf(inputSchema) === undefined) return undefined;
  try {
    const canonical = canonicalJson(members, { maxBytes });
    const digest = `sha-256:${createHash("sha256").update(canonical).digest("hex")}`;
    return { name, value: members, inputSchema, digest, canonical };
  } catch {
    return undefined;
  }
}
