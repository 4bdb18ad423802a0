// SPDX-License-Identifier: Apache-2.0
import type { SigningClock } from "../../src/index.ts";

/** Clocks that a test moves. */
export class ManualClock implements SigningClock {
  #wall: number;
  #elapsed = 0;

  constructor(start: Date = new Date("2026-11-24T12:00:00Z")) {
    this.#wall = start.getTime();
  }

  now(): Date {
    return new Date(this.#wall);
  }

  elapsedMs(): number {
    return this.#elapsed;
  }

  /** Time passes. */
  advance(seconds: number): void {
    this.#wall += seconds * 1000;
    this.#elapsed += seconds * 1000;
  }

  /** Somebody sets the wall clock. */
  step(seconds: number): void {
    this.#wall += seconds * 1000;
  }
}
