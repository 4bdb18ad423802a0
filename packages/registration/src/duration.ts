// SPDX-License-Identifier: Apache-2.0

/** Ten years: more is a typing error. */
const maxSeconds = 10 * 365 * 24 * 3600;
const form = /^(?:([1-9][0-9]{0,8})h)?(?:([1-9][0-9]{0,8})m)?(?:([1-9][0-9]{0,8})s)?$/;

/**
 * Seconds of a duration written as `90s`, `5m`, `24h` or `1h30m`; undefined for anything else, zero and more than ten years
 * included. After a larger unit a smaller one counts to 59.
 */
export function parseDuration(text: string): number | undefined {
  const [whole, hours = 0, minutes = 0, seconds = 0] = form.exec(text) ?? [];
  if (whole === undefined || whole === "") return undefined;
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  if ((h > 0 && m > 59) || (h + m > 0 && s > 59)) return undefined;
  const total = h * 3600 + m * 60 + s;
  return total <= maxSeconds ? total : undefined;
}

/** A spelling that `parseDuration` reads back: 3600 is `1h`, 5400 is `1h30m`, 90 is `90s`. @param seconds whole and positive */
export function formatDuration(seconds: number): string {
  if (seconds < 120 && seconds !== 60) return `${String(seconds)}s`;
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? "" : `${String(count)}${unit}`)).join("");
}
