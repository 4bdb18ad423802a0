// SPDX-License-Identifier: Apache-2.0
import { Worker } from "node:worker_threads";
import type { CommittedChanges } from "@mayfly/registration";
import { TaskError } from "@mayfly/tasks";
import { isStoreErrorCode, StoreError } from "../errors.ts";
import type { Reads, Writes } from "../operations.ts";
import { type Failure, isFatal } from "../sqlite/failure.ts";
import type { FromWorker, StoreRequest, StoreResult, ToWorker, WorkerSettings } from "./protocol.ts";

const maxGroup = 500;
/** A flood of other requests keeps out nothing that takes something away. */
const maxWaiting: Readonly<Record<"read" | "write" | "first", number>> = { read: 20_000, write: 20_000, first: 40_000 };

// In development the sources run as they are; what ships is compiled beside this file.
const workerFile = import.meta.url.endsWith(".ts")
  ? new URL("./worker.ts", import.meta.url)
  : new URL("./worker.js", import.meta.url);

type Args<Operation> = Operation extends (context: never, args: infer A) => unknown ? A : never;
type Value<Operation> = Operation extends (context: never, args: never) => infer V ? V : never;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

function toError({ code, message }: Failure): StoreError | TaskError {
  return isStoreErrorCode(code) ? new StoreError(code, message) : new TaskError(code, message);
}

/**
 * The main thread's end of the database worker. Writes of one turn of the event loop go over together; while the worker is busy with a
 * group, what comes in waits and makes up the next group. So a lone write on an idle store starts at once, and no write waits for
 * anything but those before its own. Reads don't wait for the group: the worker takes them between two commits.
 */
export class StoreThread implements AsyncDisposable {
  /** Rejects when the database can't be used any more without a restart. Never resolves. */
  readonly failed: Promise<never>;
  readonly #worker: Worker;
  readonly #onCommitted: (committed: CommittedChanges) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #fail: (error: unknown) => void = () => undefined;
  #reads: StoreRequest[] = [];
  #writes: StoreRequest[] = [];
  #first: StoreRequest[] = [];
  #nextId = 0;
  #isWriting = false;
  #isScheduled = false;
  #end: StoreError | undefined;
  #drained: (() => void) | undefined;

  private constructor(worker: Worker, onCommitted: (committed: CommittedChanges) => void) {
    this.#worker = worker;
    this.#onCommitted = onCommitted;
    this.failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#endWith(new StoreError("STORE_FAILED", "the database thread ended"));
        resolve();
      });
    });
    worker.once("error", (cause) => {
      this.#endWith(new StoreError("STORE_FAILED", "the database thread failed", { cause }));
    });
  }

  /** Starts the worker and opens the database. `onCommitted` is called in commit order, before the writes are answered. */
  static async open(
    settings: WorkerSettings,
    onCommitted: (committed: CommittedChanges) => void,
    signal?: AbortSignal,
  ): Promise<StoreThread> {
    signal?.throwIfAborted();
    const worker = new Worker(workerFile, { workerData: settings, name: "datastore" });
    const thread = new StoreThread(worker, onCommitted);
    try {
      await thread.#opened(signal);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    return thread;
  }

  read<Area extends keyof Reads, Name extends keyof Reads[Area] & string>(
    area: Area,
    name: Name,
    args: Args<Reads[Area][Name]>,
  ): Promise<Value<Reads[Area][Name]>> {
    return this.#request("read", area, { name, args }) as Promise<Value<Reads[Area][Name]>>;
  }

  write<Area extends keyof Writes, Name extends keyof Writes[Area] & string>(
    area: Area,
    name: Name,
    args: Args<Writes[Area][Name]>,
  ): Promise<Value<Writes[Area][Name]>> {
    return this.#request("write", area, { name, args }) as Promise<Value<Writes[Area][Name]>>;
  }

  /** A write that goes ahead of all that wait, into the commit after the one that is running: what takes something away, and the record. */
  writeFirst<Area extends keyof Writes, Name extends keyof Writes[Area] & string>(
    area: Area,
    name: Name,
    args: Args<Writes[Area][Name]>,
  ): Promise<Value<Writes[Area][Name]>> {
    return this.#request("first", area, { name, args }) as Promise<Value<Writes[Area][Name]>>;
  }

  /** Finishes what was asked for, then closes the database. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end === undefined) {
      const idle = new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
      this.#end = new StoreError("STORE_CLOSED", "the store is closed");
      this.#flush();
      if (this.#waiting.size > 0) await idle;
      this.#post({ close: true });
    }
    await this.#exited;
  }

  async #opened(signal: AbortSignal | undefined): Promise<void> {
    let abort = (): void => undefined;
    const first = new Promise<FromWorker>((resolve, reject) => {
      abort = () => reject(signal?.reason as Error);
      signal?.addEventListener("abort", abort);
      this.failed.catch(reject);
      this.#worker.once("message", resolve);
    });
    try {
      const message = await first;
      if ("openFailure" in message) throw toError(message.openFailure);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    this.#worker.on("message", (reply: FromWorker) => {
      this.#receive(reply);
    });
  }

  #request(lane: "read" | "write" | "first", area: string, call: { name: string; args: unknown }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      if (this.#waiting.size >= maxWaiting[lane]) {
        const text = `more than ${maxWaiting[lane]} requests wait for the database`;
        return reject(new StoreError("STORE_UNAVAILABLE", text));
      }
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      const lanes = { read: this.#reads, write: this.#writes, first: this.#first };
      lanes[lane].push({ id, kind: lane === "read" ? "read" : "write", area, name: call.name, args: call.args });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      queueMicrotask(() => {
        this.#isScheduled = false;
        this.#flush();
      });
    });
  }

  #flush(): void {
    if (this.#first.length > 0) this.#post({ first: this.#first.splice(0) });
    if (this.#reads.length > 0) this.#post({ reads: this.#reads.splice(0) });
    if (this.#isWriting || this.#writes.length === 0) return;
    this.#isWriting = true;
    this.#post({ writes: this.#writes.splice(0, maxGroup) });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message, []);
  }

  #receive(message: FromWorker): void {
    if (!("results" in message)) return;
    try {
      for (const committed of message.committed) this.#onCommitted(committed);
    } catch (cause) {
      // Memory is not what the store is any more: going on would answer from it.
      this.#endWith(new StoreError("STORE_FAILED", "a listener of the revision feed failed", { cause }));
      return;
    }
    for (const result of message.results) this.#settle(result);
    if (message.isGroupDone) {
      this.#isWriting = false;
      this.#flush();
    }
    if (this.#waiting.size === 0) this.#drained?.();
  }

  #settle(result: StoreResult): void {
    const waiting = this.#waiting.get(result.id);
    this.#waiting.delete(result.id);
    if ("value" in result) return waiting?.resolve(result.value);
    const error = toError(result.failure);
    waiting?.reject(error);
    if (error instanceof StoreError && isFatal(error)) this.#endWith(error);
  }

  #endWith(error: StoreError): void {
    const isClosed = this.#end?.code === "STORE_CLOSED" && this.#waiting.size === 0;
    if (isClosed) return;
    this.#fail(error);
    this.#end = error;
    this.#reads = [];
    this.#writes = [];
    this.#first = [];
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#drained?.();
    void this.#worker.terminate();
  }
}
