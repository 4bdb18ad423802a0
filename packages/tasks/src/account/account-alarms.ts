// SPDX-License-Identifier: Apache-2.0
import type { BackendAccount } from "./backend-account.ts";

/**
 * Why an account needs a person. `UNOWNED` it can log in and nobody answers for it · `EXPIRED` it was to be gone by now, and can log in ·
 * `OLD_PASSWORD` its password is older than 90 days, as far as we know · `ORDER_FAILED` its broker could not do what was ordered.
 */
export type AccountAlarm = "UNOWNED" | "EXPIRED" | "OLD_PASSWORD" | "ORDER_FAILED";

const maxPasswordAgeMs = 90 * 86_400_000;

/** What is wrong with an account now; of one that can't log in only what was ordered. The age counts from when it was seen first. */
export function accountAlarms(account: BackendAccount, now: Date): readonly AccountAlarm[] {
  const { adoption, isLegacy, canLogIn, firstSeenAt, rotatedAt, order } = account;
  const failed: readonly AccountAlarm[] = order?.problem === undefined ? [] : ["ORDER_FAILED"];
  if (!canLogIn) return failed;
  const isUnowned = adoption === undefined && !isLegacy;
  const isExpired = adoption !== undefined && adoption.expiresAt <= now;
  const isOld = now.getTime() - (rotatedAt ?? firstSeenAt).getTime() > maxPasswordAgeMs;
  return [
    ...(isUnowned ? (["UNOWNED"] as const) : []),
    ...(isExpired ? (["EXPIRED"] as const) : []),
    ...(isOld ? (["OLD_PASSWORD"] as const) : []),
    ...failed,
  ];
}
