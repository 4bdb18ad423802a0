// SPDX-License-Identifier: Apache-2.0

/** The one revision that is spoken. */
export const protocolVersion = "2026-07-28";

/** Names in `_meta` that the revision defines. */
export const metaKeys: {
  readonly version: "io.modelcontextprotocol/protocolVersion";
  readonly capabilities: "io.modelcontextprotocol/clientCapabilities";
  readonly serverInfo: "io.modelcontextprotocol/serverInfo";
  readonly traceparent: "traceparent";
} = {
  version: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  serverInfo: "io.modelcontextprotocol/serverInfo",
  traceparent: "traceparent",
};

/** Names in `_meta` of our own: the agent may name an approval, the tool server gets the signed statement of the call. */
export const ownMetaKeys: { readonly approval: "mayfly/approval"; readonly statement: "mayfly/statement" } = {
  approval: "mayfly/approval",
  statement: "mayfly/statement",
};

/** A member of JSON as an object, or undefined. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
