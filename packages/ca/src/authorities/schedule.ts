// SPDX-License-Identifier: Apache-2.0
import type { AuthorityRecord } from "../ports.ts";

const dayMs = 86_400_000;

/** Authorities begin this long before they are made, as the leaves that they sign do. */
export const authorityBackdateSeconds = 30;

/** When things are due in the life of an active authority. */
export interface RotationSchedule {
  /** From here on a successor is published. */
  readonly prepareAt: Date;
  /** From here on the successor signs, as soon as everybody knows it. */
  readonly activateAt: Date;
  /** Here it signs in any case. */
  readonly activateBy: Date;
}

/**
 * Prepare at half of life, at most 30 days before the end; activate at five sixths, at most 7 days before the end. From the record's
 * own times, so that a change of the configured lifetime does not disturb a running authority.
 */
export function rotationSchedule({ notBefore, notAfter }: AuthorityRecord): RotationSchedule {
  const lifetime = notAfter.getTime() - notBefore.getTime() - authorityBackdateSeconds * 1000;
  const before = (ms: number): Date => new Date(notAfter.getTime() - ms);
  const activation = Math.min(lifetime / 6, 7 * dayMs);
  return {
    prepareAt: before(Math.min(lifetime / 2, 30 * dayMs)),
    activateAt: before(activation),
    activateBy: before(activation / 2),
  };
}

/** Until when an authority stays in the bundle: for its own lifetime after its end, at most a day. What it signed ends before. */
export function keptUntil({ notBefore, notAfter }: AuthorityRecord): Date {
  return new Date(notAfter.getTime() + Math.min(notAfter.getTime() - notBefore.getTime(), dayMs));
}
