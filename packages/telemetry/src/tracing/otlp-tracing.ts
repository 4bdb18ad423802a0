// SPDX-License-Identifier: Apache-2.0
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Tracing, TracingOptions } from "./open-tracing.ts";
import { ReportingExporter } from "./reporting-exporter.ts";
import { schemaUrl } from "./span-attributes.ts";
import type { FinishedSpan } from "./span.ts";
import type { TraceContext } from "./trace-context.ts";

const batchMs = 1000;
const exportTimeoutMs = 3000;
const shutdownMs = 2000;
const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;
const statuses = { ok: { code: SpanStatusCode.UNSET }, error: { code: SpanStatusCode.ERROR } } as const;

/** Spans by OpenTelemetry's SDK, in batches over OTLP/HTTP (JSON). Each is sampled: nobody who is called decides on what is seen of it. */
export class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  /** The ids are those of the record: given, not made by the SDK. */
  #next: TraceContext = { traceId: "", spanId: "" };

  constructor(otlp: URL, { service, version, log }: Omit<TracingOptions, "otlp">) {
    const url = `${otlp.href.replace(/\/+$/, "")}/v1/traces`;
    const exporter = new ReportingExporter(new OTLPTraceExporter({ url, timeoutMillis: exportTimeoutMs }), log);
    const batches = { exporter, scheduledDelayMillis: batchMs, exportTimeoutMillis: exportTimeoutMs };
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ "service.name": service, "service.version": version }),
      sampler: new AlwaysOnSampler(),
      spanLimits: { attributeCountLimit: 64, attributeValueLengthLimit: 256, linkCountLimit: 4 },
      idGenerator: { generateTraceId: () => this.#next.traceId, generateSpanId: () => this.#next.spanId },
      spanProcessors: [new BatchSpanProcessor(batches)],
    });
    this.#tracer = this.#provider.getTracer("mayfly", version, { schemaUrl });
  }

  ended(span: FinishedSpan): void {
    const { name, kind, traceId, spanId, parentSpanId, links = [], startedAt, durationMs, status, attributes } = span;
    this.#next = { traceId, spanId };
    const parent = parentSpanId === undefined ? undefined : sampled({ traceId, spanId: parentSpanId });
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const options = {
      kind: kinds[kind],
      links: links.map((link) => ({ context: sampled(link) })),
      startTime: startedAt,
      attributes: { ...attributes },
    };
    const begun = this.#tracer.startSpan(name.slice(0, 256), options, context);
    begun.setStatus(statuses[status]).end(startedAt.getTime() + durationMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, shutdownMs);
    // What is lost was logged by the exporter.
    await Promise.race([this.#provider.shutdown().catch(() => undefined), promise]);
    clearTimeout(timer);
  }
}

function sampled(
  context: TraceContext,
): TraceContext & { readonly traceFlags: TraceFlags; readonly isRemote: boolean } {
  return { ...context, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}
