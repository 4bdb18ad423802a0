// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";
import { newTraceContext, type SpanAttributes, type SpanSink, type TraceContext } from "@mayfly/telemetry";

/** What a lease is for, in spans. */
export interface SpannedLease {
  readonly taskId: string;
  readonly callId: string;
  readonly target: string;
  /** SPIFFE ID of the tool server. */
  readonly holder: string;
  /** Once the server has begun it. */
  readonly id?: string | undefined;
}

/** A piece of a lease's life that is under way. */
export class LeaseSpan {
  readonly context: TraceContext;
  readonly #sink: SpanSink;
  readonly #name: string;
  readonly #parent: TraceContext | undefined;
  readonly #startedAt = new Date();
  readonly #startedMs = performance.now();

  /** @param parent of the same lease */
  constructor(sink: SpanSink, name: "lease open" | "lease end", parent?: TraceContext) {
    this.#sink = sink;
    this.#name = name;
    this.#parent = parent;
    this.context = newTraceContext(parent);
  }

  /** Tells of it. No name of an account and no secret is in it. */
  end(lease: SpannedLease, error?: unknown): void {
    this.#sink.ended({
      ...this.context,
      parentSpanId: this.#parent?.spanId,
      name: this.#name,
      kind: "internal",
      startedAt: this.#startedAt,
      durationMs: performance.now() - this.#startedMs,
      status: error === undefined ? "ok" : "error",
      attributes: attributesOf(lease, error),
    });
  }
}

function attributesOf({ taskId, callId, target, holder, id }: SpannedLease, error: unknown): SpanAttributes {
  return {
    "mayfly.task.id": taskId,
    "mayfly.call.id": callId,
    "mayfly.lease.id": id,
    "mayfly.workload.spiffe_id": holder,
    "db.system.name": "postgresql",
    "db.namespace": target,
    ...(error !== undefined && { "error.type": error instanceof SpiffeError ? error.code : "INTERNAL" }),
  };
}
