// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";

/** Where a request stands in a trace. W3C Trace Context. */
export interface Trace {
  readonly traceId: string;
  /** Of our own span. */
  readonly spanId: string;
  /** What the agent said is the parent: correlates, never authorizes. */
  readonly parentSpanId: string | undefined;
}

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Goes on in the agent's trace when it named one in the standard's form, else begins a new one. */
export function traceOf(traceparent: string | undefined): Trace {
  const [, traceId, parentSpanId] = pattern.exec(traceparent ?? "") ?? [];
  const spanId = randomBytes(8).toString("hex");
  return { traceId: traceId ?? randomBytes(16).toString("hex"), spanId, parentSpanId };
}

/** The header's text for who is called within this span. */
export function formatTraceparent({ traceId, spanId }: Pick<Trace, "traceId" | "spanId">): string {
  return `00-${traceId}-${spanId}-01`;
}
