// SPDX-License-Identifier: Apache-2.0
import type { Fields, Logger, LogLevel } from "@mayfly/telemetry";
import type { Clock } from "./clock.ts";

/** An error that the server met. */
export interface RecentError {
  readonly at: Date;
  readonly code: string;
  readonly message: string;
}

const kept = 20;

/** The last errors, for people who ask for the server's status. */
export class RecentErrors {
  readonly #errors: RecentError[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Newest first. */
  list(): readonly RecentError[] {
    return this.#errors.toReversed();
  }

  /** A logger that also keeps what is logged as an error. */
  watch(logger: Logger): Logger {
    return new WatchedLogger(logger, (event, { code, error, reason } = {}) => {
      const message = [error, reason].find((each): each is string => typeof each === "string") ?? "";
      this.#errors.push({
        at: this.#clock.now(),
        code: typeof code === "string" ? code : event,
        message,
      });
      if (this.#errors.length > kept) this.#errors.shift();
    });
  }
}

class WatchedLogger implements Logger {
  readonly #inner: Logger;
  readonly #onError: (event: string, fields?: Fields) => void;

  constructor(inner: Logger, onError: (event: string, fields?: Fields) => void) {
    this.#inner = inner;
    this.#onError = onError;
  }

  get level(): LogLevel {
    return this.#inner.level;
  }

  set level(level: LogLevel) {
    this.#inner.level = level;
  }

  debug(event: string, fields?: Fields): void {
    this.#inner.debug(event, fields);
  }

  info(event: string, fields?: Fields): void {
    this.#inner.info(event, fields);
  }

  warn(event: string, fields?: Fields): void {
    this.#inner.warn(event, fields);
  }

  error(event: string, fields?: Fields): void {
    this.#onError(event, fields);
    this.#inner.error(event, fields);
  }

  child(fields: Fields): Logger {
    return new WatchedLogger(this.#inner.child(fields), this.#onError);
  }
}
