// SPDX-License-Identifier: Apache-2.0
import type { Authorities } from "../authorities/authorities.ts";
import type { ActiveAuthority } from "../authorities/loaded-authorities.ts";
import { SignerError } from "../errors.ts";
import type { TrustedTime } from "../trusted-time.ts";
import type { Intended, IntentRecorder } from "./intent-recorder.ts";
import type { WorkSlices } from "./work-slices.ts";

/** What it takes to sign after recording. */
export interface RecordedSigningOptions {
  readonly authorities: Authorities;
  readonly recorder: IntentRecorder;
  readonly time: TrustedTime;
  readonly slices: WorkSlices;
}

/** How often signing starts again when its authority was withdrawn under it. */
const attempts = 5;

/** The order that nothing is signed outside of: intent durable, authority still good, signature. */
export class RecordedSigning {
  readonly #options: RecordedSigningOptions;

  constructor(options: RecordedSigningOptions) {
    this.#options = options;
  }

  /**
   * Makes the intents durable in the authority's log, then calls `sign` for each.
   * @throws {SignerError} SIGNER_LOG_UNAVAILABLE, SIGNER_AUTHORITY_EXPIRED, SIGNER_CLOCK_UNTRUSTED; what `sign` throws
   */
  async sign<T extends Intended, R>(
    authority: ActiveAuthority,
    intended: readonly T[],
    sign: (each: T) => R | Promise<R>,
  ): Promise<R[]> {
    const { recorder, time, slices } = this.#options;
    await recorder.record(authority.record.id, intended);
    if (time.now() >= authority.record.notAfter) {
      throw new SignerError("SIGNER_AUTHORITY_EXPIRED", "the authority ended while the intent was recorded");
    }
    return slices.each(intended, (each) => {
      this.#assertNotWithdrawn(authority);
      recorder.assertRecorded(each);
      return sign(each);
    });
  }

  /** Runs `issue` again with the then active authority when the one it used was tainted or revoked meanwhile. */
  async untilNotWithdrawn<T>(issue: () => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        return await issue();
      } catch (error) {
        if (!(error instanceof WithdrawnError)) throw error;
      }
    }
    throw new SignerError("SIGNER_NOT_READY", "authorities are withdrawn faster than they can be used");
  }

  #assertNotWithdrawn({ record }: ActiveAuthority): void {
    const { records } = this.#options.authorities.slots(record.kind);
    const current = records.find(({ id }) => id === record.id);
    if (current === undefined || current.tainted || current.revoked) throw new WithdrawnError();
  }
}

/** The authority was withdrawn between intent and signature. */
class WithdrawnError extends Error {}
