// SPDX-License-Identifier: Apache-2.0
import type { VerifiedPeer } from "./verify-peer.ts";
import type { X509Bundle } from "./x509-bundle.ts";

/** That a chain was accepted, and for how long that says anything. */
export interface Verdict {
  readonly peer: VerifiedPeer;
  readonly bundle: X509Bundle;
  /** Milliseconds; the verdict would be the same at any instant from here … */
  readonly from: number;
  /** … to before this one. */
  readonly until: number;
  /** What the chain weighs. */
  readonly bytes: number;
}

/** Verdicts by chain, the least recently asked for dropped first. */
export class VerdictMemo {
  readonly #maxVerdicts: number;
  readonly #maxBytes: number;
  // In the order of use, the latest last.
  readonly #verdicts = new Map<string, Verdict>();
  #bytes = 0;

  constructor({ maxVerdicts, maxBytes }: { readonly maxVerdicts: number; readonly maxBytes: number }) {
    this.#maxVerdicts = maxVerdicts;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#verdicts.size;
  }

  /** The verdict, which now is the latest used. */
  get(key: string): Verdict | undefined {
    const verdict = this.#verdicts.get(key);
    if (verdict === undefined) return undefined;
    this.#verdicts.delete(key);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  add(key: string, verdict: Verdict): void {
    this.#drop(key);
    this.#verdicts.set(key, verdict);
    this.#bytes += verdict.bytes;
    for (const oldest of this.#verdicts.keys()) {
      if (this.#verdicts.size <= this.#maxVerdicts && this.#bytes <= this.#maxBytes) return;
      this.#drop(oldest);
    }
  }

  /** Forgets what rests on this bundle. */
  dropBundle(bundle: X509Bundle): void {
    for (const [key, verdict] of this.#verdicts) if (verdict.bundle === bundle) this.#drop(key);
  }

  clear(): void {
    this.#verdicts.clear();
    this.#bytes = 0;
  }

  #drop(key: string): void {
    this.#bytes -= this.#verdicts.get(key)?.bytes ?? 0;
    this.#verdicts.delete(key);
  }
}
