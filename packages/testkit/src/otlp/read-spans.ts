// SPDX-License-Identifier: Apache-2.0

/** A span as a collector sees it. */
export interface ReceivedSpan {
  readonly service: unknown;
  readonly schemaUrl: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client (trace.proto, SpanKind). */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** "" for a root. */
  readonly parentSpanId: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The JSON mapping of ExportTraceServiceRequest, as far as it is looked at: ids are hexadecimal, 64-bit numbers may be texts. OTLP, JSON Protobuf encoding. */
interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly schemaUrl?: string; readonly spans: readonly WireSpan[] }[];
  }[];
}

interface WireSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startTimeUnixNano: string | number;
  readonly endTimeUnixNano: string | number;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly KeyValue[];
}

/** Decodes one export. @throws {TypeError} where it is none */
export function readSpans(body: unknown): readonly ReceivedSpan[] {
  return (body as ExportRequest).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = record(resource.attributes)["service.name"];
    return scopeSpans.flatMap(({ schemaUrl = "", spans }) =>
      spans.map((span): ReceivedSpan => readSpan(span, { service, schemaUrl })),
    );
  });
}

function readSpan(span: WireSpan, from: Pick<ReceivedSpan, "service" | "schemaUrl">): ReceivedSpan {
  const { name, kind, traceId, spanId, parentSpanId = "", links = [], status, attributes = [] } = span;
  return {
    ...from,
    name,
    kind,
    traceId,
    spanId,
    parentSpanId,
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    startUnixNano: BigInt(span.startTimeUnixNano),
    endUnixNano: BigInt(span.endTimeUnixNano),
    status: status?.code ?? 0,
    attributes: record(attributes),
  };
}

function record(attributes: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
