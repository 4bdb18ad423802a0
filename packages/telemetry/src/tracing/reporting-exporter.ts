// SPDX-License-Identifier: Apache-2.0
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "../logger.ts";

type Spans = Parameters<SpanExporter["export"]>[0];
type OnResult = Parameters<SpanExporter["export"]>[1];

/** Says in the log when spans stop to arrive and when they do again: once each time, however long it lasts. */
export class ReportingExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #log: Logger;
  #isLosing = false;
  #lost = 0;

  constructor(inner: SpanExporter, log: Logger) {
    this.#inner = inner;
    this.#log = log;
  }

  export(spans: Spans, onResult: OnResult): void {
    this.#inner.export(spans, (result) => {
      this.#note(spans.length, result.error);
      onResult(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  #note(count: number, error: Error | undefined): void {
    if (error === undefined) {
      if (this.#isLosing) this.#log.info("spans_exported_again", { lost: this.#lost });
      this.#isLosing = false;
      this.#lost = 0;
      return;
    }
    this.#lost += count;
    if (!this.#isLosing) this.#log.warn("spans_lost", { count, error });
    this.#isLosing = true;
  }
}
