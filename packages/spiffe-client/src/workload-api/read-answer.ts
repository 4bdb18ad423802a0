// SPDX-License-Identifier: Apache-2.0
import { SpiffeError, TrustDomain } from "@mayfly/spiffe";
import { WorkloadApiError } from "../errors.ts";

/** The error of an answer that breaks the contract. */
export function bad(message: string, options?: ErrorOptions): WorkloadApiError {
  return new WorkloadApiError("BAD_RESPONSE", message, options);
}

/** Runs `read`; an error about what was received becomes BAD_RESPONSE. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SpiffeError) || cause instanceof WorkloadApiError) throw cause;
    throw bad(`the answer can't be used: ${cause.message}`, { cause });
  }
}

/** Told of a part of an answer that is left out. */
export type OnIgnored = (error: WorkloadApiError) => void;

/**
 * Bundles by the ID of their trust domain, each read by itself: one that can't be read is left out, which trusts nobody of its trust domain,
 * and leaves those of others alone.
 */
export function readEach<Bundle>(
  bundles: Readonly<Record<string, Uint8Array>>,
  read: (trustDomain: TrustDomain, bytes: Uint8Array) => Bundle,
  onIgnored: OnIgnored | undefined,
): Bundle[] {
  return Object.entries(bundles).flatMap(([id, bytes]) => {
    try {
      return [read(TrustDomain.parse(id), bytes)];
    } catch (cause) {
      if (!(cause instanceof SpiffeError)) throw cause;
      onIgnored?.(bad(`the bundle of ${JSON.stringify(id.slice(0, 300))} is left out: ${cause.message}`, { cause }));
      return [];
    }
  });
}

/** Members of a list, at least one and at most `max`. */
export function assertCount(what: string, count: number, max: number): void {
  if (count === 0) throw bad(`the answer has no ${what}`);
  if (count > max) throw bad(`the answer has ${count} times ${what} where ${max} are taken`);
}
