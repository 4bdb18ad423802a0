// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { JournalError, Json, LogRecord, LogWriter } from "@mayfly/journal";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../../clock.ts";

/** What a record says; version, time and phase are added. */
export type Fact = Omit<LogRecord, "v" | "at" | "phase" | "id" | "body"> & {
  readonly body?: { readonly [name: string]: Json } | undefined;
};

/** What acts are recorded with. */
export interface RecorderDeps {
  readonly writer: LogWriter;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long what takes rights away waits for its own intent. */
const patienceMs = 50;

/** Longest text of a person or a guard that goes into a record, UTF-16 code units. */
const maxText = 1024;

/** Text from outside as it may stand in a record: well-formed and not too long. */
export function recordText(text: string): string {
  return text.slice(0, maxText).toWellFormed();
}

/** A fresh id for an intent and its outcome. */
function newRecordId(): string {
  return randomUUID();
}

/** Writes the evidence: what is about to be done, what came of it, what happened. Everything resolves when it is durable. */
export class Recorder {
  readonly #deps: RecorderDeps;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** False from a failed append until the store works again. */
  get isHealthy(): boolean {
    return this.#deps.writer.isHealthy;
  }

  /** Before the effect. Gives the index. @throws {JournalError} LOG_UNAVAILABLE, LOG_BUSY: then nothing may be done */
  async intent(id: string, fact: Fact): Promise<number> {
    return await this.#append(id, "intent", fact);
  }

  /** After the effect: the act is done, so that a record that can't be written is an alarm and no refusal. */
  async outcome(id: string, fact: Fact): Promise<number | undefined> {
    return await this.#orAlarm(id, "outcome", fact);
  }

  /** What needs no second half. @throws {JournalError} as `intent` */
  async event(fact: Fact): Promise<number> {
    return await this.#append(newRecordId(), "event", fact);
  }

  /** As `event`, where nothing can be stopped any more. */
  async note(fact: Fact): Promise<number | undefined> {
    return await this.#orAlarm(newRecordId(), "event", fact);
  }

  /**
   * Intent, act, outcome. What takes rights away says `stops: "nothing"`: it is done even where no record can be written, with an alarm.
   * @throws {JournalError} as `intent`; what the act throws, which is recorded as its outcome
   */
  async around<T>(
    fact: Fact,
    options: {
      readonly stops: "act" | "nothing";
      readonly act: () => Promise<T>;
      readonly describe?: ((value: T) => { readonly [name: string]: Json }) | undefined;
    },
  ): Promise<T> {
    const id = newRecordId();
    const { stops, act, describe } = options;
    const intent = this.intent(id, fact);
    const isRecorded = stops === "act" ? (await intent, true) : await this.#isWritten(id, intent);
    const tell = async (body: { readonly [name: string]: Json }): Promise<void> => {
      const told = isRecorded ? this.outcome(id, { ...fact, body }) : undefined;
      // Whoever waits for an end does not wait for the record of it.
      if (stops === "act") await told;
    };
    try {
      const value = await act();
      await tell({ result: "done", ...describe?.(value) });
      return value;
    } catch (error) {
      const { code = "FAILED" } = error as { readonly code?: unknown };
      await tell({ result: "refused", code: String(code) });
      throw error;
    }
  }

  async #isWritten(id: string, intent: Promise<number>): Promise<boolean> {
    try {
      // Submitted first, so that it stands first in the record; under load the act does not wait for it.
      const late = sleep(patienceMs, undefined, { ref: false });
      await Promise.race([intent, late]);
      intent.catch((error: unknown) => this.#alarm(id, error));
      return true;
    } catch (error) {
      this.#alarm(id, error);
      return false;
    }
  }

  async #orAlarm(id: string, phase: LogRecord["phase"], fact: Fact): Promise<number | undefined> {
    try {
      return await this.#append(id, phase, fact);
    } catch (error) {
      this.#alarm(id, error);
      return undefined;
    }
  }

  #alarm(id: string, error: unknown): void {
    const { code, message } = error as JournalError;
    this.#deps.logger.error("record_not_written", { record_id: id, code, error: message });
  }

  #append(id: string, phase: LogRecord["phase"], { body = {}, ...fact }: Fact): Promise<number> {
    return this.#deps.writer.append({ v: 1, id, phase, at: this.#deps.clock.now().toISOString(), ...fact, body });
  }
}
