// SPDX-License-Identifier: Apache-2.0

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
/** Ten years: more is a typing error. */
const maxSeconds = 10 * 365 * 24 * 3600;

/** Seconds of a duration written as `90s`, `5m` or `24h`; undefined for anything else, zero included. */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9][0-9]{0,8})([smh])$/.exec(text);
  const unit = unitSeconds[match?.[2] ?? ""];
  if (match === null || unit === undefined) return undefined;
  const seconds = Number(match[1]) * unit;
  return seconds <= maxSeconds ? seconds : undefined;
}

/** The shortest spelling that `parseDuration` reads back: 3600 is `1h`, 90 is `90s`. */
export function formatDuration(seconds: number): string {
  if (seconds % 3600 === 0) return `${String(seconds / 3600)}h`;
  return seconds % 60 === 0 ? `${String(seconds / 60)}m` : `${String(seconds)}s`;
}
