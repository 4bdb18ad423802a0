// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import {
  createLogger,
  type FinishedSpan,
  type Logger,
  newTraceContext,
  openTracing,
  silentLogger,
} from "@mayfly/telemetry";
import { OtlpReceiver } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";

const startedAt = new Date("2026-11-25T12:00:00.250Z");
const common = { service: "mayfly-test", version: "0.1.0" } as const;

function span(more: Partial<FinishedSpan> = {}): FinishedSpan {
  return {
    ...newTraceContext(),
    name: "tools/call query",
    kind: "server",
    startedAt,
    durationMs: 1.5,
    status: "ok",
    attributes: { "mayfly.task.id": "t-1", "mayfly.audit.index": 7, "mayfly.lease.id": undefined },
    ...more,
  };
}

function logged(): { readonly log: Logger; readonly events: () => string[] } {
  const destination = new PassThrough();
  const lines = (): string[] => String(destination.read() ?? "").split("\n");
  return {
    log: createLogger({ level: "info", format: "json", destination }),
    events: () => lines().flatMap((line) => (line === "" ? [] : [(JSON.parse(line) as { event: string }).event])),
  };
}

describe("openTracing", () => {
  it("exports a span with the ids, times, links and attributes that it was given", async () => {
    await using receiver = await OtlpReceiver.open();
    const parent = newTraceContext();
    const link = newTraceContext();
    const given = span({ ...newTraceContext(parent), parentSpanId: parent.spanId, links: [link], status: "error" });
    await using tracing = await openTracing({ ...common, otlp: receiver.url, log: silentLogger });
    tracing.ended(given);
    const found = await receiver.span(() => true, { signal: AbortSignal.timeout(10_000) });
    expect(found).toEqual({
      service: "mayfly-test",
      schemaUrl: "https://mayfly.invalid/schemas/0.1.0",
      name: "tools/call query",
      kind: 2,
      traceId: parent.traceId,
      spanId: given.spanId,
      parentSpanId: parent.spanId,
      links: [link],
      startUnixNano: BigInt(startedAt.getTime()) * 1_000_000n,
      endUnixNano: BigInt(startedAt.getTime()) * 1_000_000n + 1_500_000n,
      status: 2,
      attributes: { "mayfly.task.id": "t-1", "mayfly.audit.index": 7 },
    });
  });

  it("sends what is left when it is disposed of, and takes nothing after", async () => {
    await using receiver = await OtlpReceiver.open();
    const tracing = await openTracing({ ...common, otlp: receiver.url, log: silentLogger });
    for (let count = 0; count < 700; count++) tracing.ended(span());
    await tracing[Symbol.asyncDispose]();
    tracing.ended(span());
    expect(receiver.spans).toHaveLength(700);
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(700);
  });

  it("cuts long texts", async () => {
    await using receiver = await OtlpReceiver.open();
    const tracing = await openTracing({ ...common, otlp: receiver.url, log: silentLogger });
    tracing.ended(span({ name: "n".repeat(9000), attributes: { "gen_ai.tool.name": "x".repeat(9000) } }));
    await tracing[Symbol.asyncDispose]();
    expect(receiver.spans[0]?.name).toHaveLength(256);
    expect(receiver.spans[0]?.attributes["gen_ai.tool.name"]).toHaveLength(256);
  });

  it("drops spans at a collector that refuses them, says so once, and never throws", async () => {
    const server = createServer((_request, response) => response.writeHead(400).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { log, events } = logged();
    const tracing = await openTracing({ ...common, otlp: new URL(`http://127.0.0.1:${String(port)}`), log });
    for (let count = 0; count < 5000; count++) tracing.ended(span());
    await tracing[Symbol.asyncDispose]();
    expect(events()).toEqual(["spans_lost"]);
    server.closeAllConnections();
    server.close();
  });

  it("goes nowhere without a collector", async () => {
    await using tracing = await openTracing({ ...common, otlp: undefined, log: silentLogger });
    expect(() => tracing.ended(span())).not.toThrow();
  });
});
