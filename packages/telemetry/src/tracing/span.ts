// SPDX-License-Identifier: Apache-2.0
import type { SpanAttributes } from "./span-attributes.ts";
import type { TraceContext } from "./trace-context.ts";

/** A span that is over, in the terms of OpenTelemetry. No argument of a call, no text of a tool and no secret is in it. */
export interface FinishedSpan extends TraceContext {
  readonly name: string;
  /** Who answers a request is its server, who sends one its client; all else is internal. */
  readonly kind: "server" | "client" | "internal";
  /** Of a span of our own processes. What an agent says is its span is a link. */
  readonly parentSpanId?: string | undefined;
  readonly links?: readonly TraceContext[] | undefined;
  readonly startedAt: Date;
  /** Milliseconds, with fractions. */
  readonly durationMs: number;
  readonly status: "ok" | "error";
  readonly attributes: SpanAttributes;
}

/** Takes spans. Never throws and never waits: what can't be kept is lost. */
export interface SpanSink {
  ended(span: FinishedSpan): void;
}

/** Takes them nowhere. */
export const noSpans: SpanSink = { ended: () => undefined };
