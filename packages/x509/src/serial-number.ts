// SPDX-License-Identifier: Apache-2.0
import { randomFillSync } from "node:crypto";

const length = 16;

/** Random octets for the next numbers: a draw costs more than the octets. Each octet is used once. */
const drawn = new Uint8Array(256 * length);
let used = drawn.length;

/** 16 random octets for a serial number: top bit clear, next bit set, so it is positive and always of 16 octets (126 random bits). */
export function randomSerialNumber(): Uint8Array {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const octets = drawn.slice(used, used + length);
  used += length;
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return octets;
}
