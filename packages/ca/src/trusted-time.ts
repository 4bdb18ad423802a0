// SPDX-License-Identifier: Apache-2.0
import { uptime } from "node:os";
import { SignerError } from "./errors.ts";
import type { SigningLogger } from "./signing-logger.ts";

/** Where the signing service reads time. */
export interface SigningClock {
  /** Wall-clock time. */
  now(): Date;
  /** Milliseconds on a clock that nobody sets and that goes on while the machine sleeps; without it only steps backwards are seen. */
  elapsedMs?(): number;
}

/** The machine's clocks. */
export const systemSigningClock: SigningClock = { now: () => new Date(), elapsedMs: () => uptime() * 1000 };

/** How far the wall clock may step, either way, before it is not believed. */
const toleratedStepMs = 30_000;
/** Smaller differences are taken for the slow correction of a clock that is kept in time. */
const slewMs = 1000;
/** How long a clock that stepped must run evenly before it is believed again. */
const settleMs = 300_000;

interface Anchor {
  readonly wall: number;
  readonly elapsed: number | undefined;
}

/** Wall-clock time that never runs backwards and stops being given out when the clock steps by more than 30 s. */
export class TrustedTime {
  readonly #clock: SigningClock;
  readonly #logger: SigningLogger;
  #anchor: Anchor;
  #highest: number;
  /** Since when, and from where, a clock that stepped has been running evenly. */
  #settling: Anchor | undefined;

  constructor(clock: SigningClock, logger: SigningLogger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#anchor = this.#read();
    this.#highest = this.#anchor.wall;
  }

  /** It was this late before, says something that was stored: a clock that is far behind it is not believed at once. */
  expectAtLeast(stored: Date): void {
    const read = this.#read();
    if (read.wall >= stored.getTime() - toleratedStepMs) return;
    this.#anchor = { ...read, wall: stored.getTime() };
    this.#highest = stored.getTime();
    this.#judge(read);
  }

  /** Whether `now` would answer. */
  get believable(): boolean {
    return this.#judge(this.#read());
  }

  /** @throws {SignerError} SIGNER_CLOCK_UNTRUSTED */
  now(): Date {
    const read = this.#read();
    if (!this.#judge(read)) throw new SignerError("SIGNER_CLOCK_UNTRUSTED", "the clock stepped by more than 30 s");
    this.#highest = Math.max(this.#highest, read.wall);
    return new Date(this.#highest);
  }

  #read(): Anchor {
    return { wall: this.#clock.now().getTime(), elapsed: this.#clock.elapsedMs?.() };
  }

  #judge(read: Anchor): boolean {
    const step = driftOf(this.#anchor, read) ?? Math.min(0, read.wall - this.#highest);
    if (Math.abs(step) <= toleratedStepMs) {
      if (this.#settling !== undefined) this.#logger.info("clock_recovered");
      this.#settling = undefined;
      if (Math.abs(step) <= slewMs) this.#anchor = read;
      return true;
    }
    return this.#hasSettled(read, step);
  }

  #hasSettled(read: Anchor, stepMs: number): boolean {
    const since = this.#settling;
    if (since === undefined) this.#logger.error("clock_stepped", { step_ms: stepMs });
    const drift = since === undefined ? undefined : driftOf(since, read);
    if (since === undefined || drift === undefined || Math.abs(drift) > slewMs) {
      this.#settling = read;
      return false;
    }
    if (read.wall - since.wall < settleMs) return false;
    this.#logger.warn("clock_step_accepted", { step_ms: stepMs });
    this.#settling = undefined;
    this.#anchor = read;
    this.#highest = read.wall;
    return true;
  }
}

/** By how much the wall clock ran ahead of the other since the anchor, ms; undefined when there is no other. */
function driftOf(anchor: Anchor, read: Anchor): number | undefined {
  if (anchor.elapsed === undefined || read.elapsed === undefined) return undefined;
  return read.wall - anchor.wall - (read.elapsed - anchor.elapsed);
}
