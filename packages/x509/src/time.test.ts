// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { DerReader, TAG } from "./der.ts";
import { tlv } from "./der-writer.ts";
import { X509Error } from "./errors.ts";
import { encodeTime, readTime } from "./time.ts";

function read(tag: number, text: string): string {
  try {
    return readTime(new DerReader(tlv(tag, Buffer.from(text, "latin1"))), "time").toISOString();
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

it("reads back every second of 1950 to 9999 that it writes", () => {
  const second = fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 });
  fc.assert(
    fc.property(second, (seconds) => {
      const date = new Date(seconds * 1000);
      expect(readTime(new DerReader(encodeTime(date)), "time")).toEqual(date);
    }),
  );
});

it.each([
  [TAG.utcTime, "491231235959Z", "2049-12-31T23:59:59.000Z"],
  [TAG.utcTime, "500101000000Z", "1950-01-01T00:00:00.000Z"],
  [TAG.generalizedTime, "20500101000000Z", "2050-01-01T00:00:00.000Z"],
  [TAG.generalizedTime, "20491231235959Z", "MALFORMED"],
  [TAG.utcTime, "4912312359Z", "MALFORMED"],
  [TAG.utcTime, "491231235959", "MALFORMED"],
  [TAG.utcTime, "491231235959+0000", "MALFORMED"],
  [TAG.utcTime, "4912312359 9Z", "MALFORMED"],
  [TAG.utcTime, "49123123595:Z", "MALFORMED"],
  [TAG.utcTime, "490230000000Z", "MALFORMED"],
  [TAG.utcTime, "491301000000Z", "MALFORMED"],
  [TAG.utcTime, "491231240000Z", "MALFORMED"],
  [TAG.utcTime, "491231235960Z", "MALFORMED"],
  [TAG.generalizedTime, "20500101000000.5Z", "MALFORMED"],
  [TAG.generalizedTime, "-2500101000000Z", "MALFORMED"],
])("reads type %i, %j as %s", (tag, text, expected) => {
  expect(read(tag, text)).toBe(expected);
});
