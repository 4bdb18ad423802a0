// SPDX-License-Identifier: Apache-2.0
import { relative } from "./output.ts";

/** RFC 3339 in UTC with milliseconds; null for 0, which stands for "not yet" or "not known". */
export function instantJson(unixMs: string | number): string | null {
  const at = Number(unixMs);
  return at === 0 ? null : new Date(at).toISOString();
}

/** `in 4m 10s`, `10s ago`; empty for 0. */
export function instantText(unixMs: string | number): string {
  const at = Number(unixMs);
  return at === 0 ? "" : relative(at / 1000);
}

/** `12 ms`, `3.2 s`, `4.9 min`. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
