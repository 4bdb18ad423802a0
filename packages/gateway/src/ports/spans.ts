// SPDX-License-Identifier: Apache-2.0

/** Values of a span's attributes. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A finished span in the terms of OpenTelemetry. No argument of a call and no text of a tool is in it. */
export interface GatewaySpan {
  readonly name: string;
  readonly kind: "server" | "client";
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly status: "ok" | "error";
  /** `mcp.*` of the conventions, and `mayfly.*` of our own. */
  readonly attributes: SpanAttributes;
}

/** Takes spans. Never throws and never waits. */
export interface SpanSink {
  ended(span: GatewaySpan): void;
}

/** Takes them nowhere. */
export const noSpans: SpanSink = { ended: () => undefined };
