// SPDX-License-Identifier: Apache-2.0

/** Our own names. Ids and digests are those of the record, so that a span leads to the entries that prove what it tells. */
type OwnAttribute =
  | "mayfly.task.id"
  | "mayfly.task.parent_id"
  | "mayfly.task.end_reason"
  | "mayfly.workload.spiffe_id"
  | "mayfly.svid.serial"
  | "mayfly.delegation.depth"
  /** `allow` or `deny`. */
  | "mayfly.decision"
  | "mayfly.decision.id"
  | "mayfly.decision.reason"
  | "mayfly.policy.bundle"
  | "mayfly.approval.id"
  | "mayfly.lease.id"
  | "mayfly.call.id"
  | "mayfly.call.outcome"
  | "mayfly.args_digest"
  /** Index of an entry of the record. */
  | "mayfly.audit.index"
  | "mayfly.tool_server.name";

/** Names of OpenTelemetry's semantic conventions (general, RPC, database, generative AI, MCP). */
type ConventionAttribute =
  | `mcp.${"method.name" | "protocol.version"}`
  | "jsonrpc.request.id"
  | `gen_ai.${"operation.name" | "tool.name" | "agent.name"}`
  | `rpc.${"system.name" | "method"}`
  | `db.${"system.name" | "namespace" | "operation.name"}`
  | `server.${"address" | "port"}`
  | "error.type";

/** Attributes of a span; undefined ones are left out. Long texts are cut at 256 characters. */
export type SpanAttributes = {
  readonly [Name in OwnAttribute | ConventionAttribute]?: string | number | boolean | undefined;
};

/** Names the version of this vocabulary in all that is exported (OpenTelemetry, telemetry schemas). Nothing is served there. */
export const schemaUrl = "https://mayfly.invalid/schemas/0.1.0";
