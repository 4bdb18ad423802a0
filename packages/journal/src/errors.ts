// SPDX-License-Identifier: Apache-2.0

/**
 * Why a stored batch was refused. Stable. `BATCH_TOO_LARGE` over a size or count limit · `BATCH_VERSION` not an intent batch, or of
 * a later format · `BATCH_MALFORMED` cut short, with bytes left over, or not the one encoding of its content.
 */
export type JournalErrorCode = "BATCH_TOO_LARGE" | "BATCH_VERSION" | "BATCH_MALFORMED";

/** A journal's bytes were refused; `code` says why. A caller's own mistake is a TypeError or RangeError instead. */
export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "JournalError";
    this.code = code;
  }
}
