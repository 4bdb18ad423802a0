// SPDX-License-Identifier: Apache-2.0
import type { CommittedChanges } from "@mayfly/registration";
import type { Failure } from "../sqlite/failure.ts";

/** One operation on its way to the worker. */
export interface StoreRequest {
  readonly id: number;
  readonly kind: "read" | "write";
  readonly area: string;
  readonly name: string;
  readonly args: unknown;
}

export type StoreResult =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** Main thread to worker: reads, writes that go first, a group of writes (the next only when the last is done), or the end. */
export type ToWorker =
  | { readonly reads: readonly StoreRequest[] }
  | { readonly first: readonly StoreRequest[] }
  | { readonly writes: readonly StoreRequest[] }
  | { readonly close: true };

/** Worker to main thread. A group of writes is answered in one or more parts, each once it is on the disk. */
export type FromWorker =
  | { readonly opened: true }
  | { readonly openFailure: Failure }
  | {
      readonly results: readonly StoreResult[];
      readonly committed: readonly CommittedChanges[];
      /** True with the last part of a group of writes. */
      readonly isGroupDone: boolean;
    };

/** What the worker is started with. */
export interface WorkerSettings {
  readonly file: string;
}
