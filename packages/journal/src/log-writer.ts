// SPDX-License-Identifier: Apache-2.0
import { CheckpointPace, type LogClock } from "./checkpoint-pace.ts";
import { JournalError } from "./errors.ts";
import type { LogStore } from "./log-store.ts";
import { LogTail, type SignedCheckpoint } from "./log-tail.ts";
import type { LogRecord } from "./record.ts";
import { encodeRecord } from "./record-codec.ts";
import type { NoteSigner } from "./sign-note.ts";
import { createReceipt } from "./verify-receipt.ts";

/** What a writer works with. */
export interface LogWriterOptions {
  readonly store: LogStore;
  /** The log's key; its name is the log's origin. */
  readonly signer: NoteSigner;
  readonly clock: LogClock;
  /** A signed checkpoint from elsewhere that the stored log must continue. */
  readonly trustedCheckpoint?: string | undefined;
  /** Least time from one checkpoint to the next. Default 200. */
  readonly checkpointEveryMs?: number | undefined;
  /** Is told why the store or the signer failed; nothing of a record is in it. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

interface Waiting {
  readonly entry: Uint8Array;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

const maxBatchEntries = 1024;
const maxBatchBytes = 4_194_304;
const maxWaiting = 65_536;
const maxWaitingBytes = 67_108_864;

/**
 * Appends records to a log: what comes in while one batch is written shares the next one, and a record's promise resolves when it is
 * durable. A checkpoint is signed at once when something is new, then at most every 200 ms. The only writer of its store.
 */
export class LogWriter implements AsyncDisposable {
  readonly #options: LogWriterOptions;
  readonly #pace: CheckpointPace;
  #tail: LogTail;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** After a failed append nobody knows what is durable: it is read again before anything else is written. */
  #stale = false;

  private constructor(options: LogWriterOptions, tail: LogTail) {
    this.#options = options;
    this.#tail = tail;
    this.#pace = new CheckpointPace({
      sign: () => this.#sign(),
      clock: options.clock,
      everyMs: options.checkpointEveryMs ?? 200,
    });
  }

  /** Reads the end of the stored log. @throws {JournalError} LOG_INCONSISTENT, or why it can't be read; whatever the store throws */
  static async open(options: LogWriterOptions): Promise<LogWriter> {
    const { store, signer, trustedCheckpoint } = options;
    const writer = new LogWriter(options, await LogTail.open(store, signer, trustedCheckpoint));
    writer.#pace.request();
    return writer;
  }

  /** Durable records. */
  get size(): number {
    return this.#tail.size;
  }

  /** The last signed checkpoint. */
  get checkpoint(): SignedCheckpoint | undefined {
    return this.#tail.signed;
  }

  /** False from a failed append until the store works again. */
  get isHealthy(): boolean {
    return !this.#stale;
  }

  /**
   * Resolves with the record's index when it is durable.
   * @throws {JournalError} RECORD_MALFORMED, RECORD_TOO_LARGE, JSON_UNREPRESENTABLE; LOG_BUSY, LOG_CLOSED; LOG_UNAVAILABLE: nobody
   * knows whether it is durable, so don't do what it says, and take a new id to try again
   */
  async append(record: LogRecord): Promise<number> {
    const entry = encodeRecord(record);
    if (this.#closing !== undefined) throw new JournalError("LOG_CLOSED", "the log is closed");
    if (this.#waiting.length >= maxWaiting || this.#waitingBytes > maxWaitingBytes) {
      throw new JournalError("LOG_BUSY", "too many records wait for the log");
    }
    this.#waitingBytes += entry.length;
    const written = new Promise<number>((resolve, reject) => this.#waiting.push({ entry, resolve, reject }));
    this.#running ??= this.#run();
    return written;
  }

  /**
   * The record's receipt, for `verifyReceipt`; waits for a checkpoint that covers it.
   * @throws {RangeError} for an index that the log does not have
   * @throws {JournalError} TILE_MISSING, LOG_UNAVAILABLE, LOG_CLOSED
   */
  async receipt(index: number): Promise<string> {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) {
      throw new RangeError(`there is no record ${String(index)}`);
    }
    while ((this.checkpoint?.size ?? 0) <= index) await this.#pace.next();
    const [tail, signed] = [this.#tail, this.checkpoint];
    const [entry] = await this.#options.store.readEntries(index, index + 1);
    if (entry === undefined || signed === undefined) {
      throw new JournalError("TILE_MISSING", `the log does not hold record ${String(index)}`);
    }
    return createReceipt({ entry, index, tiles: tail.tree, signed });
  }

  /** Writes what waits, signs a last checkpoint and ends. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= (async (): Promise<void> => {
      await this.#running;
      await this.#pace.end();
    })();
    return this.#closing;
  }

  async #run(): Promise<void> {
    // Those who ask in the same turn of the event loop share a batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#write(this.#takeBatch());
    this.#running = undefined;
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    const beyond = this.#waiting.findIndex(({ entry }, count) => {
      bytes += entry.length;
      return count === maxBatchEntries || bytes > maxBatchBytes;
    });
    const batch = this.#waiting.splice(0, beyond === -1 ? this.#waiting.length : beyond);
    for (const { entry } of batch) this.#waitingBytes -= entry.length;
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#reopen();
      const first = await this.#tail.append(batch.map(({ entry }) => entry));
      for (const [at, { resolve }] of batch.entries()) resolve(first + at);
    } catch (cause) {
      this.#stale = true;
      const error = new JournalError("LOG_UNAVAILABLE", "the record could not be made durable", { cause });
      for (const { reject } of batch) reject(error);
      this.#options.onFailure?.(cause);
      return;
    }
    this.#pace.request();
  }

  async #reopen(): Promise<void> {
    if (!this.#stale) return;
    this.#tail = await LogTail.open(this.#options.store, this.#options.signer, this.checkpoint?.note);
    this.#stale = false;
  }

  async #sign(): Promise<void> {
    try {
      await this.#tail.sign();
    } catch (error) {
      this.#options.onFailure?.(error);
      throw new JournalError("LOG_UNAVAILABLE", "no checkpoint could be signed", { cause: error });
    }
  }
}
