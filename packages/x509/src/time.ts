// SPDX-License-Identifier: Apache-2.0
import { TAG, type DerReader } from "./der.ts";
import { X509Error } from "./errors.ts";

const malformed = (what: string): X509Error => new X509Error("MALFORMED", `${what} is not in the form of RFC 5280`);

/** Two decimal digits at `at`; NaN for anything else. */
function twoDigits(octets: Uint8Array, at: number): number {
  const tens = (octets[at] ?? 0) - 0x30;
  const ones = (octets[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/**
 * A Time of RFC 5280 §4.1.2.5: UTCTime `YYMMDDHHMMSSZ` for 1950 to 2049, GeneralizedTime `YYYYMMDDHHMMSSZ` from 2050 on,
 * no fraction, no offset.
 */
export function readTime(reader: DerReader, what: string): Date {
  const utc = reader.peek() === TAG.utcTime;
  const octets = reader.contents(utc ? TAG.utcTime : TAG.generalizedTime, what);
  if (octets.length !== (utc ? 13 : 15) || octets[octets.length - 1] !== 0x5a) throw malformed(what);
  const shortYear = twoDigits(octets, utc ? 0 : 2);
  const century = utc ? (shortYear < 50 ? 20 : 19) : twoDigits(octets, 0);
  const year = century * 100 + shortYear;
  const at = utc ? 2 : 4;
  const month = twoDigits(octets, at);
  const day = twoDigits(octets, at + 2);
  const hour = twoDigits(octets, at + 4);
  const minute = twoDigits(octets, at + 6);
  const second = twoDigits(octets, at + 8);
  if (Number.isNaN(year + month + day + hour + minute + second)) throw malformed(what);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exact =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  if (!exact || date.getUTCSeconds() !== second) throw new X509Error("MALFORMED", `${what} is not a date`);
  if (!utc && year >= 1950 && year < 2050) throw new X509Error("MALFORMED", `${what} before 2050 must be a UTCTime`);
  return date;
}

/** DER of a Time, fractions of a second cut off. @throws {RangeError} outside 1950 to 9999 */
export function encodeTime(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new RangeError("a certificate's time must lie in the years 1950 to 9999");
  const utc = year < 2050;
  const out = new Uint8Array(utc ? 15 : 17);
  out[0] = utc ? TAG.utcTime : TAG.generalizedTime;
  out[1] = out.length - 2;
  let at = 2;
  const two = (value: number): void => {
    out[at++] = 0x30 + Math.trunc(value / 10);
    out[at++] = 0x30 + (value % 10);
  };
  if (!utc) two(Math.trunc(year / 100));
  two(year % 100);
  two(date.getUTCMonth() + 1);
  two(date.getUTCDate());
  two(date.getUTCHours());
  two(date.getUTCMinutes());
  two(date.getUTCSeconds());
  out[at] = 0x5a;
  return out;
}
