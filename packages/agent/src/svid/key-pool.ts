// SPDX-License-Identifier: Apache-2.0
import { generateKeyPair, generateKeyPairSync, type KeyObject } from "node:crypto";

/** A key pair of a workload; it lives in memory only. */
export interface WorkloadKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** P-256 keys made ahead, so that a new identity does not wait for one. */
export class KeyPool {
  readonly #ready: WorkloadKey[] = [];
  readonly #size: number;
  #making = 0;

  constructor(size = 32) {
    this.#size = size;
  }

  /** A key that nobody had before. */
  take(): WorkloadKey {
    const key = this.#ready.pop() ?? generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.refill();
    return key;
  }

  /** Makes keys, off the main thread, until the pool is full. */
  refill(): void {
    while (this.#ready.length + this.#making < this.#size) {
      this.#making += 1;
      generateKeyPair("ec", { namedCurve: "P-256" }, (error, publicKey, privateKey) => {
        this.#making -= 1;
        // Without a key here `take` makes one itself, and its error has a place to go.
        if (error === null) this.#ready.push({ publicKey, privateKey });
      });
    }
  }
}
