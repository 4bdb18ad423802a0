// SPDX-License-Identifier: Apache-2.0

/** Whole Unix seconds; fractions are cut off. */
export function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
