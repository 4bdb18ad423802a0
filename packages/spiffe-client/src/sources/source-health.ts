// SPDX-License-Identifier: Apache-2.0

/**
 * `connected` the last thing heard was good · `reconnecting` what is held stays in force while the endpoint or the files can't be read ·
 * `withdrawn` the endpoint took the identity back; a new one is taken when it comes · `failed` ended for good, see `lastError` · `closed`
 * disposed of.
 */
export type SourceState = "connected" | "reconnecting" | "withdrawn" | "failed" | "closed";

/** How a source gets along; made anew by each look. */
export interface SourceHealth {
  readonly state: SourceState;
  /** When it came into this state. */
  readonly since: Date;
  /** When the last good update came; undefined before the first. */
  readonly lastUpdateAt: Date | undefined;
  /** The last thing that went wrong; kept when it went well again. */
  readonly lastError?: Error;
  /** End of what the source gives out; in the past when it is overdue. */
  readonly expiresAt?: Date;
}
