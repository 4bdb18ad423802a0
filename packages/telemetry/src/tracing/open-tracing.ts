// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "../logger.ts";
import { noSpans, type SpanSink } from "./span.ts";

/** Where the spans of a process go. */
export interface TracingOptions {
  /** Base URL of an OTLP/HTTP collector, to which `/v1/traces` is added; undefined = nowhere, and nothing is loaded. */
  readonly otlp: URL | undefined;
  /** `service.name`: `mayfly-gateway`. */
  readonly service: string;
  /** `service.version`. */
  readonly version: string;
  readonly log: Logger;
}

/** An exporter at work. Disposing sends what is left, for two seconds at most. */
export interface Tracing extends SpanSink, AsyncDisposable {}

/** Starts the export of spans. A collector that is slow, dead or full loses spans, and nothing else: they are batched and dropped beyond 2048. */
export async function openTracing({ otlp, ...options }: TracingOptions): Promise<Tracing> {
  if (otlp === undefined) return { ...noSpans, [Symbol.asyncDispose]: () => Promise.resolve() };
  // Loaded here: who exports nothing pays nothing.
  const { OtlpTracing } = await import("./otlp-tracing.ts");
  return new OtlpTracing(otlp, options);
}
