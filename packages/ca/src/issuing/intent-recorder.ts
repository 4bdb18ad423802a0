// SPDX-License-Identifier: Apache-2.0
import { setImmediate as nextTurn } from "node:timers/promises";
import { encodeIntentBatch, type Intent } from "@mayfly/journal";
import { SignerError } from "../errors.ts";
import type { IssuanceLog } from "../ports.ts";
import type { SigningLogger } from "../signing-logger.ts";

/** Something that is going to be signed, and what the log will say about it. */
export interface Intended {
  /** A certificate's TBS, DER, or a token's signing input. */
  readonly tbs: Uint8Array;
  readonly intent: Intent;
}

interface Waiting {
  readonly authorityId: string;
  readonly intended: readonly Intended[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Most intents in one row of the log: encoding them takes well under a millisecond. */
const maxIntents = 256;

/** Makes intents durable before anything is signed: what comes in while one row is being written shares the next one. */
export class IntentRecorder {
  readonly #log: IssuanceLog;
  readonly #logger: SigningLogger;
  readonly #recorded = new WeakSet<Intended>();
  #waiting: Waiting[] = [];
  #running = false;

  constructor(log: IssuanceLog, logger: SigningLogger) {
    this.#log = log;
    this.#logger = logger;
  }

  /** Resolves when all of them are durable in the log of the authority. @throws {SignerError} SIGNER_LOG_UNAVAILABLE */
  async record(authorityId: string, intended: readonly Intended[]): Promise<void> {
    const rows: Promise<void>[] = [];
    for (let from = 0; from < intended.length; from += maxIntents) {
      const part = intended.slice(from, from + maxIntents);
      rows.push(
        new Promise((resolve, reject) => {
          this.#waiting.push({ authorityId, intended: part, resolve, reject });
        }),
      );
    }
    if (!this.#running) void this.#run();
    await Promise.all(rows);
  }

  /** The only way to a signature. @throws {SignerError} SIGNER_NOT_RECORDED when the intent is not durable */
  assertRecorded(intended: Intended): void {
    if (!this.#recorded.has(intended)) throw new SignerError("SIGNER_NOT_RECORDED", "the intent is not in the log");
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      // Those who ask in the same turn of the event loop share a row.
      await nextTurn();
      const batch = this.#takeBatch();
      await this.#write(batch);
    }
    this.#running = false;
  }

  /** The oldest, and what fits into one row with it. */
  #takeBatch(): readonly Waiting[] {
    const authorityId = this.#waiting[0]?.authorityId;
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    let count = 0;
    for (const each of this.#waiting) {
      const fits = each.authorityId === authorityId && count + each.intended.length <= maxIntents;
      (fits ? batch : rest).push(each);
      if (fits) count += each.intended.length;
    }
    this.#waiting = rest;
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const intended = batch.flatMap((each) => each.intended);
    try {
      await this.#log.append(
        first.authorityId,
        encodeIntentBatch(intended.map(({ intent }) => intent)),
        intended.length,
      );
    } catch (cause) {
      this.#logger.error("issuance_log_unavailable", {
        authority_id: first.authorityId,
        reason: (cause as Error).message,
      });
      for (const { reject } of batch) {
        reject(new SignerError("SIGNER_LOG_UNAVAILABLE", "the intent could not be recorded", { cause }));
      }
      return;
    }
    for (const each of intended) this.#recorded.add(each);
    for (const { resolve } of batch) resolve();
  }
}
