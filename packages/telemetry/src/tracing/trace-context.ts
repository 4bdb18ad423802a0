// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";

/** A place in a trace. W3C Trace Context. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all 0. */
  readonly spanId: string;
}

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** A place of a new span: in the trace of `parent`, or in one of its own. */
export function newTraceContext(parent?: TraceContext): TraceContext {
  return { traceId: parent?.traceId ?? randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex") };
}

/**
 * Reads a `traceparent` of version 00; undefined for whatever else it is, also for what is longer. Who may not be believed may be linked to,
 * and is no parent: else one task could write into the trace of another. W3C Trace Context, traceparent.
 */
export function parseTraceparent(value: unknown): TraceContext | undefined {
  const [, traceId, spanId] = (typeof value === "string" && pattern.exec(value)) || [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

/** The `traceparent` for who is called within this span: sampled. */
export function formatTraceparent({ traceId, spanId }: TraceContext): string {
  return `00-${traceId}-${spanId}-01`;
}
