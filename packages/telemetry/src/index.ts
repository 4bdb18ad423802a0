// SPDX-License-Identifier: Apache-2.0
export { createLogger, silentLogger } from "./create-logger.ts";
export type { Fields, Logger, LogLevel } from "./logger.ts";
export { redact } from "./redact.ts";
export { openTracing, type Tracing, type TracingOptions } from "./tracing/open-tracing.ts";
export { type FinishedSpan, noSpans, type SpanSink } from "./tracing/span.ts";
export type { SpanAttributes } from "./tracing/span-attributes.ts";
export { formatTraceparent, newTraceContext, parseTraceparent, type TraceContext } from "./tracing/trace-context.ts";
