// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthorityKind, AuthorityRecord } from "../ports.ts";
import type { SigningLogger } from "../signing-logger.ts";
import type { TrustedTime } from "../trusted-time.ts";
import type { Authorities } from "./authorities.ts";
import { rotationSchedule } from "./schedule.ts";

/**
 * Whether a prepared authority may sign now: true when everybody who has to know it has acknowledged a bundle with it. `deadline` is
 * when it will sign whatever the answer is, since what signs now is about to end. Asked again and again until then.
 */
export type CanActivate = (
  authority: AuthorityRecord,
  context: { readonly deadline: Date },
) => boolean | Promise<boolean>;

/** What rotation works with. */
export interface RotationOptions {
  readonly authorities: Authorities;
  readonly time: TrustedTime;
  readonly logger: SigningLogger;
  readonly canActivate: CanActivate;
}

const kinds: readonly AuthorityKind[] = ["x509", "jwt"];
/** Longest sleep: a machine that was suspended notices within this time. */
const longestPauseMs = 60_000;
/** Pause between questions to `canActivate`. */
const retryMs = 500;
/** Longest pause after failures. */
const longestRetryMs = 16_000;
/** Shortest pause. */
const breathMs = 10;

/** Renews authorities before they end. */
export class Rotation {
  readonly #options: RotationOptions;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  /** One pass after the other until the signal; a pass that fails is reported and tried again. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const due = await this.#tryPass();
      failures = due === undefined ? failures + 1 : 0;
      const pauseMs = due ?? Math.min(retryMs * 2 ** failures, longestRetryMs);
      try {
        await sleep(pauseMs, undefined, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  /** Sees to it that there is something to sign with: what a start needs. @throws as `pass` */
  async ensureActive(): Promise<void> {
    const now = this.#options.time.now();
    for (const kind of kinds) await this.#ensureActive(kind, now);
  }

  /** Does what is due now; the instant when something may be due next. @throws what store, key store or clock throw */
  async pass(): Promise<Date> {
    const due = await Promise.all(kinds.map((kind) => this.#passOf(kind)));
    return new Date(Math.min(...due.map((each) => each.getTime())));
  }

  /** Milliseconds until something may be due; undefined when the pass failed. */
  async #tryPass(): Promise<number | undefined> {
    // Nothing is renewed, and nothing thrown away, by a clock that is not believed.
    if (!this.#options.time.believable) return retryMs;
    try {
      const due = await this.pass();
      const wait = due.getTime() - this.#options.time.now().getTime();
      return Math.min(Math.max(wait, breathMs), longestPauseMs);
    } catch (error) {
      this.#options.logger.error("authority_rotation_failed", { reason: (error as Error).message });
      return undefined;
    }
  }

  async #passOf(kind: AuthorityKind): Promise<Date> {
    const { authorities, time } = this.#options;
    const now = time.now();
    await this.#ensureActive(kind, now);
    await authorities.prune(kind);

    const { active: current } = authorities.slots(kind);
    if (current === undefined) return now;
    const schedule = rotationSchedule(current);
    if (now < schedule.prepareAt) return schedule.prepareAt;
    const next = await this.#ensurePrepared(kind, current);
    if (now < schedule.activateAt) return schedule.activateAt;
    const deadline = schedule.activateBy;
    if (!(await this.#isAcknowledged(next, deadline))) {
      if (now < deadline) return new Date(Math.min(now.getTime() + retryMs, deadline.getTime()));
      this.#options.logger.error("authority_activated_unacknowledged", { kind, authority_id: next.id });
    }
    await authorities.activate(kind, next.id);
    return now;
  }

  /** A question that fails is a no: it must not keep the successor from signing in the end. */
  async #isAcknowledged(next: AuthorityRecord, deadline: Date): Promise<boolean> {
    try {
      return await this.#options.canActivate(next, { deadline });
    } catch (error) {
      this.#options.logger.warn("authority_acknowledgement_unknown", { reason: (error as Error).message });
      return false;
    }
  }

  /** Where nothing can sign, the prepared authority takes over if it can, else a new one. */
  async #ensureActive(kind: AuthorityKind, now: Date): Promise<void> {
    const { authorities, logger } = this.#options;
    const usable = authorities.active(kind)?.record;
    if (usable !== undefined && isValid(usable, now)) return;
    const { active, prepared } = authorities.slots(kind);
    if (active !== undefined && !isValid(active, now))
      logger.error("authority_not_valid_now", { kind, authority_id: active.id });
    if (prepared !== undefined && isValid(prepared, now)) {
      try {
        await authorities.activate(kind, prepared.id);
        return;
      } catch (error) {
        logger.error("authority_not_activated", { kind, authority_id: prepared.id, reason: (error as Error).message });
      }
    }
    await authorities.replaceActive(kind);
  }

  /** A prepared authority that outlives the active one. */
  async #ensurePrepared(kind: AuthorityKind, active: AuthorityRecord): Promise<AuthorityRecord> {
    const { prepared } = this.#options.authorities.slots(kind);
    if (prepared !== undefined && prepared.notAfter > active.notAfter) return prepared;
    return this.#options.authorities.prepare(kind);
  }
}

/** Whether the clock is inside its life; one that begins in the future was made under a clock that was wrong. */
function isValid({ notBefore, notAfter }: AuthorityRecord, now: Date): boolean {
  return notBefore <= now && now < notAfter;
}
